package smtpd.lka;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.ControlToLka;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.ImsgViolation;
import smtpd.core.imsg.LkaToControl;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.QueueToLka;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.imsg.Trace;
import smtpd.core.imsg.UserRecord;
import smtpd.core.imsg.Verbose;
import smtpd.core.log.Logging;
import smtpd.core.log.Traces;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.Secret;
import smtpd.core.proc.Child;
import smtpd.core.proc.Inbox;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.PeerLost;
import smtpd.core.proc.Role;
import smtpd.core.slice.FilterSlice;
import smtpd.core.slice.LkaSlice;
import smtpd.core.stat.PushedStatistics;
import smtpd.core.sys.Crypt;
import smtpd.lka.auth.Hashes;
import smtpd.lka.dns.DnsClient;
import smtpd.lka.dns.DnsSettings;
import smtpd.lka.dns.HostsFile;
import smtpd.lka.dns.MailDns;
import smtpd.lka.dns.OptionalDnssec;
import smtpd.lka.dns.SignedDns;
import smtpd.lka.filter.FilterHub;
import smtpd.lka.table.SystemUsers;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/// The lookup desk and its links: each question is handed to a thread of its own as it arrives.
final class LkaProcess {
    private static final Logger LOG = LoggerFactory.getLogger(LkaProcess.class);

    /// How long the queue or the parent may take: a synced write behind a busy disk, a directory
    /// service behind the system's users.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String HOSTS = "/etc/hosts";

    /// Questions are not kept waiting for an agent: lka has none.
    private static final Executor AT_ONCE = Runnable::run;

    private final Child child;
    private final Workers workers = new Workers();
    private final LinkPeer<LkaToSmtp, SmtpToLka> smtp;
    private final LinkPeer<LkaToQueue, QueueToLka> queue;
    private final LinkPeer<LkaToMta, MtaToLka> mta;
    private final LinkPeer<LkaToMda, MdaToLka> mda;
    private final LinkPeer<LkaToControl, ControlToLka> control;
    private final LookupDesk desk;
    private final FilterHub filters;

    /// @param child the process, whose configuration has arrived
    LkaProcess(Child child) {
        this.child = child;
        smtp = peer(Role.SMTP, LkaToSmtp.CODEC, SmtpToLka.CODEC, new FromSmtp());
        queue = peer(Role.QUEUE, LkaToQueue.CODEC, QueueToLka.CODEC, this::queue);
        mta = peer(Role.MTA, LkaToMta.CODEC, MtaToLka.CODEC, new FromMta());
        mda = peer(Role.MDA, LkaToMda.CODEC, MdaToLka.CODEC, this::mda);
        control = peer(Role.CONTROL, LkaToControl.CODEC, ControlToLka.CODEC, this::control);
        PushedStatistics statistics = child.statistics(control::send);
        LkaSlice slice = LkaSlice.decode(child.config());
        InstantSource clock = InstantSource.system();
        DnsSettings servers = DnsSettings.of(slice.nameservers());
        DnsClient dns = new DnsClient(servers, clock);
        dns.warmUp();
        SignedDns signed = OptionalDnssec.of(servers, slice.peers(), slice.anchors(), dns, clock);
        MailDns names = new MailDns(dns, signed, HostsFile.parse(DiskFiles.textOrEmpty(HOSTS)));
        if (!slice.listeners().credentials().isEmpty() && !Crypt.isAvailable()) {
            // loaded here, for it cannot be once the walls stand
            LOG.warn("warn: no libcrypt on this system: only argon2 passwords can be checked");
        }
        desk = new LookupDesk(slice, sources(), names, statistics, clock);
        desk.troubles().forEach(trouble -> LOG.warn("warn: {}", trouble));
        filters = filters(slice.filters(), statistics, dns);
        filters.start(new ParentPrograms(child.parent(), PATIENCE).filters());
    }

    private <O, I> LinkPeer<O, I> peer(
            Role role, smtpd.core.imsg.Codec<O> out, smtpd.core.imsg.Codec<I> in, Inbox<I> inbox) {
        return child.peer(role, out, in, inbox, AT_ONCE);
    }

    /// Serves until the daemon stops.
    void serve() {
        child.serve();
    }

    private FilterHub filters(FilterSlice slice, PushedStatistics statistics, DnsClient dns) {
        SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
        return new FilterHub(
                slice,
                new FilterHub.World(
                        child.mailbox(),
                        child.mailbox(),
                        task -> Thread.ofVirtual().start(task),
                        random::nextLong,
                        statistics,
                        desk::complain),
                new FilterHub.Peers(smtp, mta),
                desk::table,
                dns);
    }

    private LookupDesk.Sources sources() {
        return new LookupDesk.Sources(
                request -> queue.call(request, PATIENCE),
                this::systemUser,
                this::forward,
                DiskFiles::include,
                new ParentPrograms(child.parent(), PATIENCE).tables(),
                this::systemPassword,
                Hashes.ofTheSystem());
    }

    private SystemUsers.Found systemUser(String name) {
        try {
            ParentToChild answer =
                    child.parent().call(new ChildToParent.LookupUser(name), PATIENCE);
            if (answer instanceof ParentToChild.SystemUser(LookupAnswer found, UserRecord user)) {
                return new SystemUsers.Found(found, user);
            }
        } catch (PeerLost e) {
            LOG.debug("debug: user {}: {}", name, e.getMessage());
        }
        return SystemUsers.Found.none(LookupAnswer.TEMPFAIL);
    }

    private LookupAnswer systemPassword(String user, Secret password) {
        try {
            ParentToChild answer =
                    child.parent().call(new ChildToParent.CheckPassword(user, password), PATIENCE);
            if (answer instanceof ParentToChild.PasswordChecked(LookupAnswer found)) {
                return found;
            }
        } catch (PeerLost e) {
            LOG.debug("debug: a password: {}", e.getMessage());
        }
        return LookupAnswer.TEMPFAIL;
    }

    private ParentToChild.ForwardFile forward(UserRecord user) {
        try {
            ParentToChild answer =
                    child.parent().call(new ChildToParent.OpenForward(user), PATIENCE);
            if (answer instanceof ParentToChild.ForwardFile file) {
                return file;
            }
        } catch (PeerLost e) {
            LOG.debug("debug: .forward of {}: {}", user.name(), e.getMessage());
        }
        return new ParentToChild.ForwardFile(LookupAnswer.TEMPFAIL, Bytes.EMPTY, "");
    }

    /// What is for filters keeps its order, in the agent's thread; every other question has a
    /// thread of its own.
    private final class FromSmtp implements Inbox<SmtpToLka> {
        @Override
        public void receive(long request, SmtpToLka message) {
            if (message instanceof SmtpToLka.ToFilters it) {
                child.mailbox().post(() -> filters.smtp(request, it));
            } else {
                workers.run(
                        () -> smtp.answer(request, desk.smtp(message)),
                        () -> smtp.answer(request, LookupDesk.smtpNotNow(message)));
            }
        }

        @Override
        public void detached() {
            child.mailbox().post(() -> filters.smtpLost());
        }
    }

    private void queue(long request, QueueToLka message) {
        switch (message) {
            case QueueToLka.ExpandReport it ->
                    workers.run(
                            () -> queue.answer(request, desk.report(it.query())),
                            () -> queue.answer(request, LookupDesk.reportNotNow()));
            case QueueToLka.EnvelopesAdded _, QueueToLka.EnvelopesRefused _ ->
                    throw new ImsgViolation("an answer nobody asked for");
        }
    }

    private final class FromMta implements Inbox<MtaToLka> {
        @Override
        public void receive(long request, MtaToLka message) {
            if (message instanceof MtaToLka.ToFilters it) {
                child.mailbox().post(() -> filters.mta(request, it));
            } else {
                workers.run(
                        () -> mta.answer(request, desk.mta(message)),
                        () -> mta.answer(request, LookupDesk.mtaNotNow(message)));
            }
        }

        @Override
        public void detached() {
            child.mailbox().post(() -> filters.mtaLost());
        }
    }

    private void mda(long request, MdaToLka message) {
        switch (message) {
            case MdaToLka.LookupUser it ->
                    workers.run(
                            () -> mda.answer(request, desk.mda(it)),
                            () -> mda.answer(request, LookupDesk.mdaNotNow()));
        }
    }

    private void control(long request, ControlToLka message) {
        switch (message) {
            case Verbose it -> {
                Logging.verbose(it.on());
                done(request, new Done(true, ""));
            }
            case Trace it -> {
                boolean known = Traces.set(it.subsystem(), it.on());
                done(request, new Done(known, known ? "" : "no such subsystem"));
            }
            case ControlToLka.UpdateTable it ->
                    workers.run(
                            () -> control.answer(request, desk.update(it.table())),
                            () -> control.answer(request, LookupDesk.updateNotNow()));
        }
    }

    /// A question is answered, an announcement is not.
    private void done(long request, Done result) {
        if (request != 0) {
            control.answer(request, result);
        }
    }
}
