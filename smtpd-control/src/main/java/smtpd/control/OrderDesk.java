package smtpd.control;

import smtpd.control.web.page.Order;
import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.ControlToMta;
import smtpd.core.imsg.ControlToScheduler;
import smtpd.core.imsg.Done;
import smtpd.core.proc.PeerLost;

import java.io.IOException;
import java.util.Locale;

/// Carries out what the status page orders.
final class OrderDesk implements Order.Desk {
    private final Operations operations;

    OrderDesk(Operations operations) {
        this.operations = operations;
    }

    @Override
    public String carryOut(Order order) throws IOException {
        try {
            return switch (order) {
                case Order.Pause(var service, boolean on) ->
                        said(
                                operations.pause(service, on),
                                service.name().toLowerCase(Locale.ROOT)
                                        + (on ? " is paused" : " is running"));
                case Order.Schedule(String destination) ->
                        scheduled(
                                operations.count(
                                        new ControlToScheduler.ScheduleDomain(destination)));
                case Order.Forgive(long route) ->
                        said(
                                operations.mta(new ControlToMta.ResumeRoute(route)),
                                "the route is used again");
            };
        } catch (PeerLost e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static String said(Done done, String success) {
        return done.ok() ? success : done.text();
    }

    private static String scheduled(ControlToCtl answer) {
        return answer instanceof ControlToCtl.Count(int count)
                ? count + (count == 1 ? " recipient is" : " recipients are") + " tried now"
                : "unexpected answer";
    }
}
