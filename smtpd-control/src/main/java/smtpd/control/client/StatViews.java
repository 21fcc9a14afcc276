package smtpd.control.client;

import smtpd.core.imsg.ControlToCtl;
import smtpd.core.imsg.CtlToControl;
import smtpd.core.imsg.Done;
import smtpd.core.imsg.Lines;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/// `show stats` and `show graph`.
final class StatViews {
    private static final Duration GRAPH_LENGTH = Duration.ofHours(1);

    private final Console console;
    private final Path socket;

    StatViews(Console console, Path socket) {
        this.console = console;
        this.socket = socket;
    }

    /// @param verb which of both
    /// @param keys of the graph, with spaces between
    int show(Verb verb, String keys, StatOptions options) {
        try (ControlConnection control = ControlConnection.open(socket)) {
            if (verb == Verb.SHOW_GRAPH) {
                graph(control, keys, options);
            } else {
                stats(control, options);
            }
            console.out().flush();
            return Exit.OK;
        } catch (java.net.SocketException | java.nio.file.NoSuchFileException _) {
            return Smtpctl.notRunning(console);
        } catch (IOException e) {
            return console.fail(Exit.FAILED, String.valueOf(e.getMessage()));
        }
    }

    private void stats(ControlConnection control, StatOptions options) throws IOException {
        long since = options.since().toSeconds();
        List<String> lines =
                ask(
                        control,
                        since == 0
                                ? new CtlToControl.ShowStats()
                                : new CtlToControl.ShowStatsSince(since));
        if (options.json()) {
            console.out().println(Json.object(lines));
        } else {
            lines.forEach(console.out()::println);
        }
    }

    private void graph(ControlConnection control, String keys, StatOptions options)
            throws IOException {
        Duration length = options.since().isZero() ? GRAPH_LENGTH : options.since();
        for (String key : keys.split(" ", -1)) {
            List<String> answer =
                    ask(
                            control,
                            new CtlToControl.ShowHistory(key, length.toSeconds(), Graph.COLUMNS));
            Graph.draw(key, answer, ZoneId.systemDefault()).forEach(console.out()::println);
        }
    }

    private static List<String> ask(ControlConnection control, CtlToControl question)
            throws IOException {
        List<String> lines = new ArrayList<>();
        ControlToCtl end =
                control.ask(
                        question,
                        part -> {
                            if (part instanceof Lines some) {
                                lines.addAll(some.lines());
                            }
                        });
        return switch (end) {
            case Done(boolean ok, _) when ok -> lines;
            case Done(_, String text) -> throw new IOException(text);
            case ControlToCtl.NotNow(String text) -> throw new IOException(text);
            case Lines _, ControlToCtl.Content _, ControlToCtl.Count _, ControlToCtl.Opened _ ->
                    throw new IOException("unexpected answer");
        };
    }
}
