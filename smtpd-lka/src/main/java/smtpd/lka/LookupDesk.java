package smtpd.lka;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.PeerSecurity;
import smtpd.core.imsg.Confirmed;
import smtpd.core.imsg.DnsAnswer;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.LkaToMda;
import smtpd.core.imsg.LkaToMta;
import smtpd.core.imsg.LkaToQueue;
import smtpd.core.imsg.LkaToSmtp;
import smtpd.core.imsg.LookupAnswer;
import smtpd.core.imsg.MdaToLka;
import smtpd.core.imsg.MtaToLka;
import smtpd.core.imsg.RcptQuery;
import smtpd.core.imsg.SmtpToLka;
import smtpd.core.imsg.StsRecord;
import smtpd.core.mail.Bytes;
import smtpd.core.mail.MailAddr;
import smtpd.core.slice.LkaSlice;
import smtpd.core.stat.Statistics;
import smtpd.lka.auth.Authenticator;
import smtpd.lka.auth.Hashes;
import smtpd.lka.auth.SystemPasswords;
import smtpd.lka.dns.MailDns;
import smtpd.lka.expand.Expander;
import smtpd.lka.expand.ForwardFiles;
import smtpd.lka.expand.IncludeFiles;
import smtpd.lka.rules.LocalNames;
import smtpd.lka.rules.Ruleset;
import smtpd.lka.srs.Srs;
import smtpd.lka.table.Answer;
import smtpd.lka.table.SystemUserTable;
import smtpd.lka.table.SystemUsers;
import smtpd.lka.table.Table;
import smtpd.lka.table.Tables;
import smtpd.lka.table.proc.ProgramStarter;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// Answers the questions of the peers, one method for each.
///
/// Holds no state of its own: every method may be called by many threads and blocks its caller
/// until tables, DNS and peers have answered. The `…NotNow` methods are the answers when there is
/// no thread to spare.
final class LookupDesk {
    /// As whom commands and files of alias tables are delivered to (OpenSMTPD: the same).
    static final String DAEMON_USER = "_smtpd";

    private final Recipients recipients;
    private final Userbase userbase;
    private final MailDns dns;
    private final Tables tables;
    private final Authenticator authenticator;
    private final ListenerLookups listeners;
    private final Statistics statistics;
    private final Complaints complaints;
    private final Srs srs;
    private final InstantSource clock;
    private final PeerSecurity peers;

    /// Whom the desk itself asks.
    ///
    /// @param queue takes envelopes
    /// @param users knows the system's users
    /// @param forwards opens `.forward` files
    /// @param includes reads files that alias tables include
    /// @param programs starts the programs of tables
    /// @param passwords checks those of the system's users
    /// @param hashes computes those of tables
    record Sources(
            EnvelopeSink queue,
            SystemUsers users,
            ForwardFiles forwards,
            IncludeFiles includes,
            ProgramStarter programs,
            SystemPasswords passwords,
            Hashes hashes) {}

    /// @param slice the configuration
    /// @param sources whom the desk asks
    /// @param dns names and addresses
    /// @param statistics where questions are counted
    /// @param clock the time
    LookupDesk(
            LkaSlice slice,
            Sources sources,
            MailDns dns,
            Statistics statistics,
            InstantSource clock) {
        this.dns = dns;
        this.statistics = statistics;
        peers = slice.peers();
        char delimiter = slice.subAddrDelim().charAt(0);
        Map<String, Dispatcher> dispatchers = new LinkedHashMap<>();
        slice.dispatchers().forEach(each -> dispatchers.put(each.name(), each));
        complaints = new Complaints(clock);
        tables =
                Tables.open(
                        slice.tables(),
                        new Tables.Needs(
                                delimiter,
                                new SystemUserTable(sources.users(), clock),
                                complaints::about,
                                sources.programs(),
                                clock));
        LocalNames names =
                new LocalNames(slice.hostname(), slice.localNames(), slice.localAddresses());
        srs = new Srs(slice.srs(), slice.hostname());
        this.clock = clock;
        Expander expander =
                new Expander(
                        new Expander.Policy(dispatchers, delimiter, DAEMON_USER),
                        new Ruleset(slice.rules(), names, tables),
                        tables,
                        sources.forwards(),
                        sources.includes(),
                        rcpt -> srs.decode(rcpt, clock.instant()));
        authenticator =
                new Authenticator(
                        tables,
                        slice.listeners().credentials(),
                        sources.passwords(),
                        sources.hashes());
        listeners = new ListenerLookups(tables, slice.listeners(), delimiter, complaints);
        recipients = new Recipients(expander, sources.queue(), slice.queueTtl(), clock);
        userbase = new Userbase(dispatchers, tables, DAEMON_USER);
    }

    /// A table by its name.
    Table table(String name) {
        return tables.find(name);
    }

    /// Says what is wrong with something, once in a while.
    void complain(String text) {
        boolean said = complaints.about(text);
        statistics.increment(said ? "lka.complaint" : "lka.complaint.repeated");
    }

    /// What is wrong with tables, one line each.
    List<String> troubles() {
        return tables.troubles();
    }

    LkaToSmtp smtp(SmtpToLka question) {
        return switch (question) {
            case SmtpToLka.LookupName(String address) -> {
                MailDns.Client client = dns.client(address);
                yield new LkaToSmtp.ClientName(client.name(), client.confirmed());
            }
            case SmtpToLka.ExpandRcpt(RcptQuery query) ->
                    switch (decide(query)) {
                        case Recipients.Result.Accepted(var envelopes) ->
                                new LkaToSmtp.Expanded(envelopes);
                        case Recipients.Result.Refused refused -> refusal(refused);
                    };
            case SmtpToLka.Authenticate it -> authenticate(it);
            case SmtpToLka.ScramSalt(String table, String user) -> authenticator.salt(table, user);
            case SmtpToLka.ScramProof it ->
                    counted(authenticator.prove(it.table(), it.user(), it.message(), it.proof()));
            case SmtpToLka.PermitSender it ->
                    new LkaToSmtp.SenderPermitted(
                            listeners.permits(it.table(), it.user(), it.sender()));
            case SmtpToLka.LookupHostname(String table, String address) ->
                    listeners.hostname(table, address);
            case SmtpToLka.LookupClient(String table, String address) ->
                    new LkaToSmtp.ClientListed(listeners.mayEndWithLf(table, address));
            case SmtpToLka.ToFilters _ -> throw notALookup();
        };
    }

    private LkaToSmtp counted(LkaToSmtp.ScramChecked checked) {
        statistics.increment(
                switch (checked.answer()) {
                    case FOUND -> "lka.auth.accepted";
                    case NOT_FOUND -> "lka.auth.rejected";
                    case TEMPFAIL -> "lka.auth.tempfail";
                });
        return checked;
    }

    private LkaToSmtp authenticate(SmtpToLka.Authenticate it) {
        Answer answer = authenticator.check(it.table(), it.user(), it.password());
        statistics.increment(
                switch (answer) {
                    case Answer.Found _ -> "lka.auth.accepted";
                    case Answer.NotFound _ -> "lka.auth.rejected";
                    case Answer.Tempfail(String reason) -> {
                        complaints.about("lka: authentication: " + reason);
                        yield "lka.auth.tempfail";
                    }
                });
        return new LkaToSmtp.Authenticated(Answer.word(answer));
    }

    static LkaToSmtp smtpNotNow(SmtpToLka question) {
        return switch (question) {
            case SmtpToLka.LookupName _ ->
                    new LkaToSmtp.ClientName(MailDns.UNKNOWN, Confirmed.ERROR);
            case SmtpToLka.ExpandRcpt _ -> refusal(Recipients.NOT_NOW);
            case SmtpToLka.Authenticate _ -> new LkaToSmtp.Authenticated(LookupAnswer.TEMPFAIL);
            case SmtpToLka.ScramSalt _ ->
                    new LkaToSmtp.ScramSalted(LookupAnswer.TEMPFAIL, Bytes.EMPTY, 0);
            case SmtpToLka.ScramProof _ ->
                    new LkaToSmtp.ScramChecked(LookupAnswer.TEMPFAIL, Bytes.EMPTY);
            case SmtpToLka.PermitSender _ -> new LkaToSmtp.SenderPermitted(LookupAnswer.TEMPFAIL);
            case SmtpToLka.LookupHostname _ -> new LkaToSmtp.Hostname(LookupAnswer.TEMPFAIL, "");
            case SmtpToLka.LookupClient _ -> new LkaToSmtp.ClientListed(LookupAnswer.TEMPFAIL);
            case SmtpToLka.ToFilters _ -> throw notALookup();
        };
    }

    private static IllegalStateException notALookup() {
        return new IllegalStateException("filters are asked elsewhere");
    }

    private static LkaToSmtp refusal(Recipients.Result.Refused refused) {
        return new LkaToSmtp.Refused(refused.code(), refused.status(), refused.text());
    }

    private Recipients.Result decide(RcptQuery query) {
        Recipients.Result result = recipients.decide(query);
        statistics.increment(
                switch (result) {
                    case Recipients.Result.Accepted _ -> "lka.rcpt.accepted";
                    case Recipients.Result.Refused(int code, _, _) ->
                            code >= 500 ? "lka.rcpt.rejected" : "lka.rcpt.tempfail";
                });
        return result;
    }

    /// A recipient of a report of ours.
    LkaToQueue report(RcptQuery query) {
        return switch (decide(query)) {
            case Recipients.Result.Accepted(var envelopes) ->
                    new LkaToQueue.ReportExpanded(envelopes);
            case Recipients.Result.Refused refused -> reportRefusal(refused);
        };
    }

    static LkaToQueue reportNotNow() {
        return reportRefusal(Recipients.NOT_NOW);
    }

    private static LkaToQueue reportRefusal(Recipients.Result.Refused refused) {
        return new LkaToQueue.ReportRefused(refused.code(), refused.text());
    }

    LkaToMta mta(MtaToLka question) {
        return switch (question) {
            case MtaToLka.LookupMx(String domain) -> {
                CompletableFuture<StsRecord> sts = sts(domain);
                MailDns.Exchangers found = dns.exchangers(domain);
                yield new LkaToMta.MxResult(found.answer(), found.hosts(), sts.join());
            }
            case MtaToLka.LookupHost(String name, int port) -> {
                MailDns.Host found = dns.host(name, port);
                yield new LkaToMta.HostResult(found.answer(), found.addresses(), found.dane());
            }
            case MtaToLka.LookupName(String address) ->
                    new LkaToMta.NameResult(dns.client(address).name());
            case MtaToLka.LookupTable it -> table(it);
            case MtaToLka.RewriteSender(MailAddr sender) ->
                    new LkaToMta.SenderResult(
                            LookupAnswer.FOUND, srs.encode(sender, clock.instant()));
            case MtaToLka.ToFilters _ -> throw notALookup();
        };
    }

    private CompletableFuture<StsRecord> sts(String domain) {
        return peers.sts() ? dns.sts(domain) : CompletableFuture.completedFuture(StsRecord.NONE);
    }

    private LkaToMta table(MtaToLka.LookupTable it) {
        Table table = tables.find(it.table());
        Answer answer =
                it.key().isEmpty()
                        ? table.fetch(it.service())
                        : table.lookup(it.service(), it.key());
        if (answer instanceof Answer.Tempfail) {
            statistics.increment("lka.table.tempfail");
        }
        return new LkaToMta.TableResult(Answer.word(answer), Answer.valueOrEmpty(answer));
    }

    static LkaToMta mtaNotNow(MtaToLka question) {
        return switch (question) {
            case MtaToLka.LookupMx _ -> new LkaToMta.MxResult(DnsAnswer.TEMPFAIL, List.of());
            case MtaToLka.LookupHost _ -> new LkaToMta.HostResult(DnsAnswer.TEMPFAIL, List.of());
            case MtaToLka.LookupName _ -> new LkaToMta.NameResult(MailDns.UNKNOWN);
            case MtaToLka.LookupTable _ -> new LkaToMta.TableResult(LookupAnswer.TEMPFAIL, "");
            case MtaToLka.RewriteSender(MailAddr sender) ->
                    new LkaToMta.SenderResult(LookupAnswer.TEMPFAIL, sender);
            case MtaToLka.ToFilters _ -> throw notALookup();
        };
    }

    LkaToMda mda(MdaToLka.LookupUser question) {
        return userbase.find(question);
    }

    static LkaToMda mdaNotNow() {
        return new LkaToMda.UserTempfail("too many lookups under way");
    }

    /// Reads a table again.
    Done update(String name) {
        return switch (tables.find(name).update()) {
            case Table.Update.Updated(int entries) -> new Done(true, entries + " entries");
            case Table.Update.Kept(String reason) -> new Done(false, reason);
        };
    }

    static Done updateNotNow() {
        return new Done(false, "too many lookups under way");
    }
}
