package smtpd.control.web.page;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.control.web.HttpAnswer;
import smtpd.control.web.HttpDoor;
import smtpd.control.web.HttpRequest;
import smtpd.core.mail.Secret;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Takes what the buttons of the status page send, from whoever knows the token.
///
/// The token travels in the form, and nothing is kept in the browser that would go along with what
/// another site makes it send; a request that says it comes from another site is refused besides.
public final class OrderPage implements HttpDoor.Page {
    private static final Logger LOG = LoggerFactory.getLogger(OrderPage.class);

    /// What a wrong token costs, one at a time: 16 characters are not found by trying.
    private static final long PENANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Secret token;
    private final Order.Desk desk;
    private final ReentrantLock guesses = new ReentrantLock();

    /// @param token what allows orders; not empty
    /// @param desk who carries them out
    public OrderPage(Secret token, Order.Desk desk) {
        this.token = token;
        this.desk = desk;
    }

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public HttpAnswer answer(HttpRequest request) throws IOException {
        if (!request.isFromHere()) {
            return HttpAnswer.plain("403 Forbidden", "This comes from another site.\n");
        }
        if (!isToken(request.field("token"))) {
            repent();
            LOG.warn("warn: http: an order with a wrong token");
            return HttpAnswer.plain("403 Forbidden", "That is not the token.\n");
        }
        Optional<Order> order = Order.parse(request.field("order"));
        if (order.isEmpty()) {
            return HttpAnswer.plain("400 Bad Request", "This is no order.\n");
        }
        String done = desk.carryOut(order.get());
        LOG.info("info: http: {}: {}", order.get(), done);
        return HttpAnswer.plain("200 OK", done + "\n");
    }

    /// In a time that tells nothing of the token.
    private boolean isToken(String word) {
        return MessageDigest.isEqual(digest(token.text()), digest(word));
    }

    private static byte[] digest(String word) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(word.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void repent() {
        guesses.lock();
        try {
            LockSupport.parkNanos(PENANCE_NANOS);
        } finally {
            guesses.unlock();
        }
    }
}
