package smtpd.filter.run;

import java.io.PrintStream;

/// The faults of a filter, each in one line: the server logs them behind the filter's name.
final class Faults {
    private final PrintStream errors;

    Faults(PrintStream errors) {
        this.errors = errors;
    }

    void tell(String session, String what, Throwable why) {
        StackTraceElement[] trace = why.getStackTrace();
        String place = trace.length == 0 ? "" : " at " + trace[0];
        say(session + " " + what + ": " + why + place);
    }

    void say(String text) {
        errors.println(text.replaceAll("\\R", " "));
        errors.flush();
    }
}
