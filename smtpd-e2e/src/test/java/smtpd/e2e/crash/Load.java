package smtpd.e2e.crash;

import smtpd.e2e.scenario.Waiting;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.random.RandomGenerator;

/// Clients that hand in one message after the other, and remember which were acknowledged.
final class Load implements AutoCloseable {
    private static final int CLIENTS = 4;

    /// Between two messages of a client: the daemon has work, the machine is not drowned.
    private static final Duration BREATH = Duration.ofMillis(20);

    /// Where a message goes: to one of the two recipients, or to both.
    private static final List<List<String>> RCPTS =
            List.of(List.of(House.LOCAL), List.of(House.FAR), List.of(House.LOCAL, House.FAR));

    private final Client client;
    private final NavigableSet<String> sent = new ConcurrentSkipListSet<>();
    private final NavigableMap<String, List<String>> acknowledged = new ConcurrentSkipListMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    private Load(Client client) {
        this.client = client;
    }

    static Load start(Client client, long seed) {
        Load load = new Load(client);
        RandomGenerator.SplittableGenerator random = new SplittableRandom(seed);
        for (int i = 0; i < CLIENTS; i++) {
            String name = "c" + i + "-";
            RandomGenerator own = random.split();
            load.threads.add(Thread.ofPlatform().start(() -> load.run(name, own)));
        }
        return load;
    }

    private void run(String name, RandomGenerator random) {
        for (int number = 1; !stopping; number++) {
            Letter letter = Letter.of(name + number, random);
            List<String> rcpts = RCPTS.get(random.nextInt(RCPTS.size()));
            sent.add(letter.id());
            if (client.send(letter, rcpts)) {
                acknowledged.put(letter.id(), rcpts);
            }
            Waiting.pass(BREATH);
        }
    }

    /// The ids of all that was begun to be handed in.
    NavigableSet<String> sent() {
        return sent;
    }

    /// How many messages were acknowledged.
    int acknowledged() {
        return acknowledged.size();
    }

    /// What was acknowledged and is not among the delivered.
    List<String> missing(Map<String, Integer> stored, Map<String, Integer> relayed) {
        List<String> missing = new ArrayList<>();
        acknowledged.forEach((id, rcpts) -> {
            if (rcpts.contains(House.LOCAL) && !stored.containsKey(id)) {
                missing.add(id + " to " + House.LOCAL);
            }
            if (rcpts.contains(House.FAR) && !relayed.containsKey(id)) {
                missing.add(id + " to " + House.FAR);
            }
        });
        return missing;
    }

    /// Ends when the messages under way are answered.
    void stop() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        stopping = true;
    }
}
