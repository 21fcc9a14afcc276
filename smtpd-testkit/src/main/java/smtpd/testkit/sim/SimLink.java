package smtpd.testkit.sim;

import smtpd.core.imsg.Codec;

import java.util.random.RandomGenerator;

/// The link between two processes: messages arrive late and in order. When one end dies, what was
/// on its way to it is lost; what was on its way to the other still arrives before the end of the
/// link is noticed, or is lost too.
///
/// @param <L> what the left process says
/// @param <R> what the right process says
public final class SimLink<L, R> {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    private final SimWorld world;
    private final RandomGenerator random;
    private final SimPeer<L, R> left;
    private final SimPeer<R, L> right;
    private Connection connection = new Connection();

    /// One socket pair.
    static final class Connection {
        final Pipe toLeft = new Pipe();
        final Pipe toRight = new Pipe();
        boolean broken = true;
    }

    /// One direction.
    static final class Pipe {
        long lastArrival;
        boolean cut;
    }

    /// @param left one process
    /// @param fromLeft its edge
    /// @param right the other
    /// @param fromRight its edge
    public SimLink(
            SimWorld world,
            SimProcess left,
            Codec<L> fromLeft,
            SimProcess right,
            Codec<R> fromRight) {
        this.world = world;
        String name = left.name() + "-" + right.name();
        random = world.random("link " + name);
        this.left = new SimPeer<>(this, left, fromLeft, fromRight, right.name());
        this.right = new SimPeer<>(this, right, fromRight, fromLeft, left.name());
        left.onDeath(() -> died(this.left, this.right));
        right.onDeath(() -> died(this.right, this.left));
    }

    /// The link as the left process sees it.
    public SimPeer<L, R> left() {
        return left;
    }

    /// The link as the right process sees it.
    public SimPeer<R, L> right() {
        return right;
    }

    /// Whether the process is one of the two.
    public boolean joins(SimProcess process) {
        return left.process() == process || right.process() == process;
    }

    SimWorld world() {
        return world;
    }

    /// Gives both processes, if they run, the ends of a fresh link.
    public void connect() {
        if (left.process().isAlive() && right.process().isAlive()) {
            connection.broken = true;
            Connection fresh = new Connection();
            fresh.broken = false;
            connection = fresh;
            fresh.toLeft.lastArrival = introduce(left, fresh);
            fresh.toRight.lastArrival = introduce(right, fresh);
        }
    }

    private long introduce(SimPeer<?, ?> end, Connection fresh) {
        long at = world.nanos() + latency();
        int life = end.process().life();
        world.at(at, () -> end.attach(fresh, life));
        return at;
    }

    private Pipe pipeTo(Connection on, SimPeer<?, ?> end) {
        return end == left ? on.toLeft : on.toRight;
    }

    private void died(SimPeer<?, ?> dead, SimPeer<?, ?> survivor) {
        dead.reset();
        Connection old = connection;
        if (old.broken) {
            return;
        }
        old.broken = true;
        Pipe rest = pipeTo(old, survivor);
        rest.cut = random.nextBoolean();
        long noticed = Math.max(rest.lastArrival + 1, world.nanos() + latency());
        world.at(noticed, () -> survivor.ended(old));
    }

    /// Puts a frame on its way from one end to the other.
    void transmit(SimPeer<?, ?> from, Connection on, byte[] frame) {
        SimPeer<?, ?> to = from == left ? right : left;
        Pipe pipe = pipeTo(on, to);
        long at = Math.max(pipe.lastArrival + 1, world.nanos() + latency());
        pipe.lastArrival = at;
        world.at(
                at,
                () -> {
                    if (!pipe.cut) {
                        to.arrived(on, frame);
                    }
                });
    }

    /// Mostly a fraction of a millisecond, now and then much longer.
    private long latency() {
        int chance = random.nextInt(1000);
        if (chance < 970) {
            return random.nextLong(20 * MICRO, 300 * MICRO);
        }
        return chance < 998
                ? random.nextLong(MICRO, 50 * MILLI)
                : random.nextLong(MILLI, 2_000 * MILLI);
    }
}
