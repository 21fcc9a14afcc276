package smtpd.ca;

import smtpd.core.imsg.CaToControl;
import smtpd.core.imsg.CaToMta;
import smtpd.core.imsg.CaToSmtp;
import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ControlToCa;
import smtpd.core.imsg.MtaToCa;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.SmtpToCa;
import smtpd.core.proc.Child;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.slice.CaSlice;
import smtpd.core.stat.PushedStatistics;

import java.security.GeneralSecurityException;

/// The ca process.
public final class Main {
    private final Child child;
    private final CaAgent agent;
    private final LinkPeer<CaToSmtp, SmtpToCa> smtp;
    private final LinkPeer<CaToMta, MtaToCa> mta;

    private Main(Child child) throws GeneralSecurityException {
        this.child = child;
        LinkPeer<CaToControl, ControlToCa> control =
                child.peer(Role.CONTROL, CaToControl.CODEC, ControlToCa.CODEC, this::fromControl);
        PushedStatistics statistics = child.statistics(control::send);
        agent = new CaAgent(Keys.of(CaSlice.decode(child.config()).keys()), statistics);
        smtp = child.peer(Role.SMTP, CaToSmtp.CODEC, SmtpToCa.CODEC, this::fromSmtp);
        mta = child.peer(Role.MTA, CaToMta.CODEC, MtaToCa.CODEC, this::fromMta);
        child.onParent(this::fromParent);
    }

    public static void main(String[] args) throws GeneralSecurityException {
        new Main(Child.start(Role.CA, args)).child.serve();
    }

    private void fromSmtp(long request, SmtpToCa message) {
        agent.onSmtp(smtp, request, message);
    }

    private void fromMta(long request, MtaToCa message) {
        agent.onMta(mta, request, message);
    }

    private void fromParent(long request, ParentToChild message) {
        if (message instanceof ParentToChild.Keys it) {
            ChildToParent.Renewed done = agent.onKeys(CaSlice.decode(it.slice()).keys());
            child.parent().answer(request, done);
        }
    }

    private void fromControl(long request, ControlToCa message) {
        agent.onControl(message);
    }
}
