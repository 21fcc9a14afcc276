package smtpd.lka;

import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.TableService;
import smtpd.core.mail.MailAddr;
import smtpd.core.slice.LkaSlice;
import smtpd.lka.table.Answer;
import smtpd.lka.table.MailAddrList;
import smtpd.lka.table.Tables;

/// What listeners look up in tables of their own: as whom a user may send (`senders`), and the name
/// of an address of ours (`hostnames`), and whose bare LF ends a line (`bare-lf`). Only in tables
/// that a listener names for that purpose.
final class ListenerLookups {
    private final Tables tables;
    private final LkaSlice.ListenerTables configured;
    private final char delimiter;
    private final Complaints complaints;

    ListenerLookups(
            Tables tables,
            LkaSlice.ListenerTables configured,
            char delimiter,
            Complaints complaints) {
        this.tables = tables;
        this.configured = configured;
        this.delimiter = delimiter;
        this.complaints = complaints;
    }

    /// Whether a user may send as somebody; a user that the table does not have may not.
    LookupAnswer permits(String table, String user, MailAddr sender) {
        if (!configured.senders().contains(table)) {
            return unconfigured("senders", table);
        }
        return switch (tables.find(table).lookup(TableService.MAILADDRMAP, user)) {
            case Answer.Found(String value) ->
                    MailAddrList.has(value, sender, delimiter)
                            ? LookupAnswer.FOUND
                            : LookupAnswer.NOT_FOUND;
            case Answer.NotFound _ -> LookupAnswer.NOT_FOUND;
            case Answer.Tempfail(String reason) -> {
                complaints.about("lka: senders: " + reason);
                yield LookupAnswer.TEMPFAIL;
            }
        };
    }

    /// The name of an address.
    LkaToSmtp.Hostname hostname(String table, String address) {
        if (!configured.hostnames().contains(table)) {
            return new LkaToSmtp.Hostname(unconfigured("hostnames", table), "");
        }
        Answer answer = tables.find(table).lookup(TableService.ADDRNAME, address);
        if (answer instanceof Answer.Tempfail(String reason)) {
            complaints.about("lka: hostnames: " + reason);
        }
        return new LkaToSmtp.Hostname(Answer.word(answer), Answer.valueOrEmpty(answer));
    }

    /// Whether a bare LF of a client ends a line.
    LookupAnswer mayEndWithLf(String table, String address) {
        if (!configured.bareLf().contains(table)) {
            return unconfigured("bare-lf", table);
        }
        Answer answer = tables.find(table).check(TableService.NETADDR, address);
        if (answer instanceof Answer.Tempfail(String reason)) {
            complaints.about("lka: bare-lf: " + reason);
        }
        return Answer.word(answer);
    }

    private LookupAnswer unconfigured(String what, String table) {
        complaints.about("lka: no listener has " + what + " \"" + table + "\"");
        return LookupAnswer.TEMPFAIL;
    }
}
