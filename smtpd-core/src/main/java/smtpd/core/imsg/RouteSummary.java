package smtpd.core.imsg;

import java.time.Duration;
import java.util.List;

/// The routes of the mta at a glance, of bounded size however many there are.
///
/// @param worst those that are left alone or have a penalty first, then the busiest
/// @param routes how many there are
public record RouteSummary(List<State> worst, int routes) implements MtaToControl {
    public RouteSummary {
        worst = List.copyOf(worst);
    }

    /// One route.
    ///
    /// @param id its id as listed
    /// @param ends where it leads, and how it stands with its server
    /// @param sessions how many it has
    /// @param window how many its server bears, as far as that is known
    /// @param limit how many the configuration allows
    /// @param trouble what is held against it
    public record State(long id, Ends ends, int sessions, int window, int limit, Trouble trouble) {}

    /// Where a route leads.
    ///
    /// @param source the local address, or `-`
    /// @param address the remote address, with its port unless that is 25
    /// @param name the remote name as it was found
    /// @param proven whether a session has ever been ready on it
    public record Ends(String source, String address, String name, boolean proven) {}

    /// What is held against a route.
    ///
    /// @param errors failures in a row
    /// @param penalty steps of its back-off
    /// @param disabled how long it will still be left alone; zero if it may be used
    /// @param why what was last wrong while it is left alone, or empty
    public record Trouble(int errors, int penalty, Duration disabled, String why) {}

    static void write(FrameOut out, RouteSummary it) {
        out.list(it.worst(), RouteSummary::write);
        out.u32(it.routes());
    }

    private static void write(FrameOut out, State it) {
        out.i64(it.id());
        Ends ends = it.ends();
        out.text(ends.source()).text(ends.address()).text(ends.name()).bool(ends.proven());
        out.u32(it.sessions()).u32(it.window()).u32(it.limit());
        Trouble trouble = it.trouble();
        out.u32(trouble.errors()).u32(trouble.penalty());
        out.duration(trouble.disabled()).text(trouble.why());
    }

    static RouteSummary read(FrameIn in) {
        return new RouteSummary(in.list(RouteSummary::state), in.u32());
    }

    private static State state(FrameIn in) {
        return new State(
                in.i64(),
                new Ends(in.text(), in.text(), in.text(), in.bool()),
                in.u32(),
                in.u32(),
                in.u32(),
                new Trouble(in.u32(), in.u32(), in.duration(), in.text()));
    }
}
