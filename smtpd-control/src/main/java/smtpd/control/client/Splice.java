package smtpd.control.client;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/// `sendmail -bs`: an SMTP session on the standard streams.
final class Splice {
    private static final String NOT_NOW = "421 4.3.0 Service not available, try again later\r\n";

    private final Console console;
    private final Caller caller;

    Splice(Console console, Caller caller) {
        this.console = console;
        this.caller = caller;
    }

    int run() {
        try (ControlConnection control = ControlConnection.open(caller.socket())) {
            ControlToCtl end = control.ask(new CtlToControl.OpenSession(caller.user()), part -> {});
            if (!(end instanceof ControlToCtl.Opened)) {
                return refuse();
            }
            splice(control.channel());
            return Exit.OK;
        } catch (IOException _) {
            return refuse();
        }
    }

    private int refuse() {
        console.out().print(NOT_NOW);
        return Exit.TEMPFAIL;
    }

    /// Until the server ends the session.
    private void splice(SocketChannel channel) throws IOException {
        Thread.ofPlatform().name("input").daemon(true).start(() -> feed(channel));
        InputStream in = Channels.newInputStream(channel);
        byte[] chunk = new byte[8192];
        int count;
        while ((count = in.read(chunk)) >= 0) {
            console.out().write(chunk, 0, count);
            console.out().flush();
        }
    }

    private void feed(SocketChannel channel) {
        try {
            OutputStream out = Channels.newOutputStream(channel);
            byte[] chunk = new byte[8192];
            int count;
            while ((count = console.in().read(chunk)) >= 0) {
                out.write(chunk, 0, count);
            }
            channel.shutdownOutput();
        } catch (IOException _) {
            // the server ended the session
        }
    }
}
