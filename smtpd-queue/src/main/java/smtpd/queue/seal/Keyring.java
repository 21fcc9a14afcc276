package smtpd.queue.seal;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The keys of the queue: the one that new messages are sealed with, and all that old ones may have
/// been sealed with.
public final class Keyring {
    /// No key: nothing is sealed, nothing sealed can be read.
    public static final Keyring EMPTY = new Keyring(Optional.empty(), List.of());

    private final @Nullable MasterKey current;
    private final Map<Long, MasterKey> keys = new LinkedHashMap<>();

    /// Seals with `current`, if there is one, and opens with it and `others`.
    public Keyring(Optional<MasterKey> current, List<MasterKey> others) {
        this.current = current.orElse(null);
        current.ifPresent(key -> keys.put(key.id(), key));
        others.forEach(key -> keys.putIfAbsent(key.id(), key));
    }

    /// The key that is sealed with; empty if new messages are not sealed.
    public Optional<MasterKey> current() {
        return Optional.ofNullable(current);
    }

    /// A key to seal what is the queue's own: the current one, or another if there is none.
    public Optional<MasterKey> any() {
        return keys.values().stream().findFirst();
    }

    /// The key with an id.
    public Optional<MasterKey> key(long id) {
        return Optional.ofNullable(keys.get(id));
    }

    /// Whether there is no key at all.
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /// The keys' names only.
    @Override
    public String toString() {
        return keys.values().toString();
    }
}
