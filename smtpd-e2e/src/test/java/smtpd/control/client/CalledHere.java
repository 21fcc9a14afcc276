package smtpd.control.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import smtpd.e2e.scenario.Distribution;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// `smtpctl` called within the process of a test, for what is asked again and again: it says the
/// same as the program, which takes half a second to start.
public final class CalledHere {
    private CalledHere() {}

    /// How `smtpctl` ends, and what it prints.
    ///
    /// @param prefix of the daemon that is asked
    /// @param words the command
    public static Distribution.Result smtpctl(Path prefix, List<String> words) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, false, UTF_8);
        Console console = new Console("smtpctl", InputStream.nullInputStream(), out, out);
        Caller caller = Caller.of(Map.of(), prefix.toString());
        int status = new Smtpctl(console, caller.socket()).run(words);
        out.flush();
        return new Distribution.Result(status, said.toString(UTF_8));
    }
}
