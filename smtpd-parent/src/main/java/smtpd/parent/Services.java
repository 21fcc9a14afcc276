package smtpd.parent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import smtpd.core.imsg.ChildToParent;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.UserRecord;
import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;
import smtpd.core.proc.SlowWork;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// What the parent does on request. Each request runs on one of a few platform threads, so that a
/// slow user database or home directory delays nobody but those who ask for it; passwords are
/// checked on others, so that they delay none of these.
final class Services {
    private static final Logger LOG = LoggerFactory.getLogger(Services.class);

    /// Requests worked on at a time; a hung home directory must not take all of them at once.
    private static final int THREADS = 8;

    private static final UserRecord NOBODY = new UserRecord("", -1, -1, "");

    private final ExecutorService threads =
            Executors.newFixedThreadPool(
                    THREADS, Thread.ofPlatform().name("service ", 1).daemon(true).factory());
    private final SlowWork slow = new SlowWork("password");
    private final SystemUsers users;
    private final SystemPasswords passwords;
    private final Forwards forwards;
    private final Commands commands;
    private final TablePrograms tables;
    private final FilterPrograms filters;

    Services(
            SystemUsers users,
            SystemPasswords passwords,
            Forwards forwards,
            Commands commands,
            TablePrograms tables,
            FilterPrograms filters) {
        this.users = users;
        this.passwords = passwords;
        this.forwards = forwards;
        this.commands = commands;
        this.tables = tables;
        this.filters = filters;
    }

    /// Serves a request. One that cannot be served is not answered, which means "not now".
    private void work(Runnable request) {
        threads.execute(guarded(request));
    }

    private static Runnable guarded(Runnable request) {
        return () -> {
            try {
                request.run();
            } catch (RuntimeException e) {
                // One request is lost, not the daemon.
                LOG.error("warn: a request failed", e);
            }
        };
    }

    /// Does what may take its time.
    void aside(Runnable task) {
        work(task);
    }

    void lookupUser(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.LookupUser it) {
        work(() -> asker.answer(request, find(it.name())));
    }

    private ParentToChild find(String name) {
        return switch (users.find(name)) {
            case SystemUsers.Answer.Found(UserRecord user) ->
                    new ParentToChild.SystemUser(LookupAnswer.FOUND, user);
            case SystemUsers.Answer.Unknown() ->
                    new ParentToChild.SystemUser(LookupAnswer.NOT_FOUND, NOBODY);
            case SystemUsers.Answer.Unavailable() ->
                    new ParentToChild.SystemUser(LookupAnswer.TEMPFAIL, NOBODY);
        };
    }

    void checkPassword(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.CheckPassword it) {
        boolean taken =
                slow.offer(
                        guarded(() ->
                                asker.answer(
                                        request,
                                        new ParentToChild.PasswordChecked(
                                                passwords.check(it.user(), it.password())))));
        if (!taken) {
            asker.answer(request, new ParentToChild.PasswordChecked(LookupAnswer.TEMPFAIL));
        }
    }

    void openForward(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.OpenForward it) {
        work(() -> asker.answer(request, forwards.open(it.user())));
    }

    void runCommand(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.RunCommand it) {
        work(() -> commands.run(asker, request, it));
    }

    void killCommand(ChildToParent.KillCommand it) {
        commands.kill(it.token());
    }

    void startTable(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.StartTable it) {
        work(() -> tables.start(asker, request, it.table()));
    }

    void endTable(ChildToParent.EndTable it) {
        tables.end(it.table());
    }

    void startFilter(
            LinkPeer<ParentToChild, ChildToParent> asker,
            long request,
            ChildToParent.StartFilter it) {
        work(() -> filters.start(asker, request, it.proc()));
    }

    void endFilter(ChildToParent.EndFilter it) {
        filters.end(it.proc());
    }

    /// A process died: what it had asked for has no use any more.
    void lost(Role role) {
        if (role == Role.MDA) {
            commands.killAll();
        }
        if (role == Role.LKA) {
            tables.endAll();
            filters.endAll();
        }
    }

    /// The daemon stops.
    void stop() {
        commands.killAll();
        tables.stop();
        filters.stop();
    }
}
