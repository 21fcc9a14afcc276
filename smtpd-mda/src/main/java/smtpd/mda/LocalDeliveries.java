package smtpd.mda;

import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.core.slice.MdaSlice;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Delivers for real. What takes on a user's rights or writes to a pipe runs on platform threads of
/// its own; LMTP, which only waits, runs on virtual ones.
public final class LocalDeliveries implements Deliveries {
    /// A delivery thread that has nothing to do ends after this.
    private static final Duration THREAD_IDLE = Duration.ofSeconds(10);

    private static final Path DEV_NULL = Path.of("/dev/null");

    private final Ports ports;
    private final MeansFinder finder;
    private final Maildir maildir;
    private final Mbox mbox;
    private final CommandDelivery commands;
    private final LmtpDelivery lmtp;
    private final Executor threads;
    private final Executor waiting;

    /// What deliveries use.
    ///
    /// @param contents where messages come from
    /// @param asUser takes on users' rights
    /// @param commands runs delivery commands
    /// @param resolver finds LMTP servers
    /// @param clock the time in names and separators
    /// @param agent runs a task in the agent's thread
    public record Ports(
            Content.Source contents,
            AsUser asUser,
            Commands commands,
            Resolver resolver,
            InstantSource clock,
            Executor agent) {}

    /// @param slice names, actions, wrappers, limits, directories
    /// @param ports what deliveries use
    /// @param formats expands paths and commands
    /// @param random for names of messages
    public LocalDeliveries(MdaSlice slice, Ports ports, Formats formats, RandomGenerator random) {
        this(slice, ports, formats, random, new PosixDisk());
    }

    LocalDeliveries(
            MdaSlice slice, Ports ports, Formats formats, RandomGenerator random, Disk disk) {
        this.ports = ports;
        finder = new MeansFinder(slice.wrappers(), Path.of(slice.mailDirectory()), formats);
        MaildirNames names = new MaildirNames(slice.hostname(), random);
        maildir = new Maildir(ports.asUser(), disk, names, ports.clock());
        mbox = new Mbox(ports.asUser(), disk, ports.clock(), ZoneId.systemDefault());
        commands = new CommandDelivery(ports.commands());
        lmtp = new LmtpDelivery(slice.hostname(), ports.resolver());
        threads = pool(slice.limits().maxSession());
        waiting = task -> Thread.ofVirtual().name("delivery").start(task);
    }

    private static Executor pool(int size) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        size,
                        size,
                        THREAD_IDLE.toSeconds(),
                        TimeUnit.SECONDS,
                        // Bounded by the agent: it never starts more than max-session deliveries.
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().name("delivery-", 0).daemon(true).factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    @Override
    public void start(Delivery delivery, Consumer<List<Verdict>> done) {
        Means means;
        try {
            means =
                    finder.find(
                            delivery.dispatcher(),
                            delivery.user(),
                            delivery.envelopes().getFirst());
        } catch (DeliveryFailure e) {
            List<Verdict> verdicts = forAll(delivery, DeliveryFailure.verdict(e));
            ports.agent().execute(() -> done.accept(verdicts));
            return;
        }
        Executor where =
                switch (means) {
                    case Means.IntoMaildir _,
                            Means.IntoMbox _,
                            Means.IntoFile _,
                            Means.ByCommand _ ->
                            threads;
                    case Means.ByLmtp _ -> waiting;
                };
        where.execute(() -> {
            List<Verdict> verdicts = attempt(delivery, means);
            ports.agent().execute(() -> done.accept(verdicts));
        });
    }

    private static List<Verdict> forAll(Delivery delivery, Verdict verdict) {
        return Collections.nCopies(delivery.envelopes().size(), verdict);
    }

    private List<Verdict> attempt(Delivery delivery, Means means) {
        try (Content content = ports.contents().open(delivery.msgid())) {
            Letter letter = Letter.read(content);
            if (means instanceof Means.ByLmtp server) {
                return byLmtp(delivery, server, letter);
            }
            Envelope envelope = delivery.envelopes().getFirst();
            if (letter.header().deliveredTo(deliveredTo(envelope))) {
                return forAll(delivery, Verdict.LOOP);
            }
            return List.of(deliver(means, delivery.user(), envelope, letter));
        } catch (IOException e) {
            return forAll(delivery, DeliveryFailure.verdict(e));
        }
    }

    private Verdict deliver(Means means, UserRecord user, Envelope envelope, Letter letter)
            throws IOException {
        String top = top(envelope.sender(), List.of(deliveredTo(envelope)));
        Mbox.Entry entry = new Mbox.Entry(envelope.sender(), top, letter);
        return switch (means) {
            case Means.IntoMaildir it -> {
                boolean junk = it.junk() && letter.header().isSpam();
                maildir.deliver(
                        user,
                        new Maildir.Place(it.root(), junk ? ".Junk" : "", it.extension()),
                        top,
                        letter);
                yield Verdict.DELIVERED;
            }
            case Means.IntoMbox it -> {
                mbox.deliver(user, it.directory(), entry);
                yield Verdict.DELIVERED;
            }
            case Means.IntoFile it when it.file().equals(DEV_NULL) -> Verdict.DELIVERED;
            case Means.IntoFile it -> {
                mbox.append(user, it.file(), entry);
                yield Verdict.DELIVERED;
            }
            case Means.ByCommand it ->
                    commands.deliver(
                            user,
                            it.command(),
                            CommandDelivery.environment(user, envelope),
                            top,
                            letter);
            case Means.ByLmtp _ -> throw new IllegalStateException("not one recipient's own");
        };
    }

    private List<Verdict> byLmtp(Delivery delivery, Means.ByLmtp server, Letter letter)
            throws IOException {
        List<Envelope> sound = new ArrayList<>();
        for (Envelope envelope : delivery.envelopes()) {
            if (!letter.header().deliveredTo(deliveredTo(envelope))) {
                sound.add(envelope);
            }
        }
        if (sound.isEmpty()) {
            return forAll(delivery, Verdict.LOOP);
        }
        List<String> rcpts =
                sound.stream()
                        .map(it -> server.rcptTo() ? it.dest().toString() : delivery.user().name())
                        .toList();
        MailAddr sender = sound.getFirst().sender();
        List<String> delivered =
                sound.stream().map(LocalDeliveries::deliveredTo).distinct().toList();
        List<Verdict> verdicts =
                lmtp.deliver(
                        new LmtpDelivery.Transaction(
                                server.destination(),
                                sender,
                                rcpts,
                                top(sender, delivered),
                                letter));
        return delivery.envelopes().stream()
                .map(it -> sound.contains(it) ? verdicts.get(sound.indexOf(it)) : Verdict.LOOP)
                .toList();
    }

    /// What `Delivered-To:` says of an envelope, and what a loop is recognised by.
    private static String deliveredTo(Envelope envelope) {
        MailAddr shown = envelope.rcpt().isNull() ? envelope.dest() : envelope.rcpt();
        return shown.toString();
    }

    /// The trace fields of the final delivery (RFC 5321 §4.4). Recipients that share a transaction
    /// are not told of each other.
    private static String top(MailAddr sender, List<String> deliveredTo) {
        String path = sender.isNull() ? "" : "Return-Path: <" + sender + ">\r\n";
        return deliveredTo.size() == 1
                ? path + "Delivered-To: " + deliveredTo.getFirst() + "\r\n"
                : path;
    }
}
