package smtpd.lka;

import smtpd.core.conf.Dispatcher;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.TableService;
import smtpd.lka.table.Answer;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;
import smtpd.lka.table.UserLine;

import java.util.Map;

/// Says as whom a local delivery runs.
///
/// That is the system user named by the action's `user`, else the recipient's entry in the action's
/// userbase. The daemon's own user, as whom commands of alias tables run, is found among the
/// system's users when the userbase does not have it (OpenSMTPD: such deliveries fail).
final class Userbase {
    private final Map<String, Dispatcher> dispatchers;
    private final Tables tables;
    private final String daemonUser;

    Userbase(Map<String, Dispatcher> dispatchers, Tables tables, String daemonUser) {
        this.dispatchers = dispatchers;
        this.tables = tables;
        this.daemonUser = daemonUser;
    }

    LkaToMda find(MdaToLka.LookupUser request) {
        if (!(dispatchers.get(request.dispatcher()) instanceof Dispatcher.Local local)) {
            return new LkaToMda.UserTempfail("no local action " + request.dispatcher());
        }
        Dispatcher.Users users = local.users();
        if (!users.user().isEmpty()) {
            return answer(users.user(), ask(tables.userbase(""), users.user()));
        }
        String user = request.user();
        Answer found = ask(tables.userbase(users.userbase()), user);
        if (found instanceof Answer.NotFound && user.equals(daemonUser)) {
            found = ask(tables.userbase(""), user);
        }
        return answer(user, found);
    }

    private static Answer ask(Table table, String user) {
        return table.lookup(TableService.USERINFO, user);
    }

    private static LkaToMda answer(String user, Answer answer) {
        return switch (answer) {
            case Answer.NotFound _ -> new LkaToMda.UserUnknown();
            case Answer.Tempfail(String reason) -> new LkaToMda.UserTempfail(reason);
            case Answer.Found(String value) ->
                    UserLine.parse(user, value)
                            .<LkaToMda>map(LkaToMda.UserFound::new)
                            .orElse(
                                    new LkaToMda.UserTempfail(
                                            "userbase entry of " + user + " is malformed"));
        };
    }
}
