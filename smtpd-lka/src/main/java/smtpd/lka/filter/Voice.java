package smtpd.lka.filter;

/// One run of a program, as the hub speaks to it. Nothing of it waits.
interface Voice {
    /// Sends lines, each with its end, in octets.
    void say(String lines);

    /// Octets that the program has not taken yet.
    long unread();

    /// How long it has taken nothing although there was something, in milliseconds.
    long stuckMillis();

    /// Lets the next lines of the program come; they are heard one batch at a time.
    void listen();

    /// Ends it.
    void end(String why);
}
