package smtpd.control.client;

/// The commands of smtpctl(8). A word in angle brackets stands for a value: `<evpid>` is 16
/// hexadecimal digits, `<msgid>` 8, `<routeid>` a number, `<delay>` a number and one of `s m h d`,
/// anything else any word.
enum Verb {
    DISCOVER_ENVELOPE("discover <evpid>"),
    DISCOVER_MESSAGE("discover <msgid>"),
    ENCRYPT("encrypt"),
    ENCRYPT_TEXT("encrypt <string>"),
    EXTEND_ENVELOPE("extend <evpid> by <delay>"),
    EXTEND_MESSAGE("extend <msgid> by <delay>"),
    EXTEND_ALL("extend all by <delay>"),
    EXTEND_DOMAIN("extend domain <domain> by <delay>"),
    LOG_BRIEF("log brief"),
    LOG_VERBOSE("log verbose"),
    MONITOR("monitor"),
    PAUSE_ENVELOPE("pause envelope <evpid>"),
    PAUSE_MESSAGE("pause envelope <msgid>"),
    PAUSE_ALL("pause envelope all"),
    PAUSE_MDA("pause mda"),
    PAUSE_MTA("pause mta"),
    PAUSE_MTA_FROM("pause mta from <address> for <domain>"),
    PAUSE_SMTP("pause smtp"),
    QUEUE_REKEY("queue rekey"),
    REMOVE_ENVELOPE("remove <evpid>"),
    REMOVE_MESSAGE("remove <msgid>"),
    REMOVE_ALL("remove all"),
    RESUME_ENVELOPE("resume envelope <evpid>"),
    RESUME_MESSAGE("resume envelope <msgid>"),
    RESUME_ALL("resume envelope all"),
    RESUME_MDA("resume mda"),
    RESUME_MTA("resume mta"),
    RESUME_MTA_FROM("resume mta from <address> for <domain>"),
    RESUME_ROUTE("resume route <routeid>"),
    RESUME_SMTP("resume smtp"),
    SCHEDULE_ENVELOPE("schedule <evpid>"),
    SCHEDULE_MESSAGE("schedule <msgid>"),
    SCHEDULE_ALL("schedule all"),
    SCHEDULE_DOMAIN("schedule domain <domain>"),
    SCRAM("scram"),
    SCRAM_TEXT("scram <string>"),
    SHOW_ENVELOPE("show envelope <evpid>"),
    SHOW_GRAPH("show graph <key>"),
    SHOW_HOSTS("show hosts"),
    SHOW_HOSTSTATS("show hoststats"),
    SHOW_MTA_PAUSED("show mta paused"),
    SHOW_MESSAGE("show message <msgid>"),
    SHOW_MESSAGE_OF("show message <evpid>"),
    SHOW_QUEUE("show queue"),
    SHOW_QUEUE_MESSAGE("show queue <msgid>"),
    SHOW_RELAYS("show relays"),
    SHOW_ROUTES("show routes"),
    SHOW_STATS("show stats"),
    SHOW_STATUS("show status"),
    TRACE("trace <subsystem>"),
    UNTRACE("untrace <subsystem>"),
    UPDATE_PKI("update pki"),
    UPDATE_TABLE("update table <table>");

    private final String text;

    Verb(String text) {
        this.text = text;
    }

    /// The command's words.
    String text() {
        return text;
    }
}
