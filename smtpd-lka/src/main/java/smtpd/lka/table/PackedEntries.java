package smtpd.lka.table;

import smtpd.core.table.TableText;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Entries held in memory as bytes: about as many as their text has, and twelve for each, where
/// objects would take two hundred.
///
/// # State
///
/// Entries lie one behind the other in pages, which never move; an entry does not cross a border of
/// pages. Each is the length of its key, the length of its value (as variable-length numbers), the
/// key in lower case, and the value as written, empty in a list when it equals the key. `places`
/// has the place of each entry by its number, in order; `slots` the numbers by hash, plus one, the
/// next free slot taken on collision.
///
/// # Invariants
///
/// A later entry with the same key takes the number of the earlier one. At most two thirds of the
/// slots are taken.
///
/// # Limits
///
/// [Builder#BYTES_MAX] of text.
final class PackedEntries implements EntrySource {
    private static final int PAGE_BITS = 18;
    private static final int PAGE = 1 << PAGE_BITS;
    private static final int PAGE_MASK = PAGE - 1;

    private final List<byte[]> pages;
    private final int[] places;
    private final int[] slots;
    private final int size;
    private final boolean mapping;

    private PackedEntries(Builder from, boolean mapping) {
        pages = List.copyOf(from.pages);
        places = Arrays.copyOf(from.places, from.size);
        slots = from.slots;
        size = from.size;
        this.mapping = mapping;
    }

    /// Gathers entries.
    static final class Builder {
        /// How much text a table may hold: a quarter of the heap, so that there is room for the
        /// fresh content beside the old while it is updated.
        static final long BYTES_MAX = Runtime.getRuntime().maxMemory() / 4;

        private final long bytesMax;
        private final List<byte[]> pages = new ArrayList<>();
        private int[] places = new int[8];
        private int[] slots = new int[16];
        private int size;
        private int used = PAGE;
        private long bytes;

        Builder() {
            this(BYTES_MAX);
        }

        Builder(long bytesMax) {
            this.bytesMax = bytesMax;
        }

        /// Adds an entry; a later one with the same key replaces it.
        ///
        /// @param value empty in a list
        /// @throws IOException if that is too much for the memory there is
        void add(String key, String value) throws IOException {
            String folded = TableText.fold(key);
            byte[] keyBytes = folded.getBytes(StandardCharsets.UTF_8);
            String written = value.isEmpty() && !folded.equals(key) ? key : value;
            byte[] valueBytes = written.getBytes(StandardCharsets.UTF_8);
            bytes += keyBytes.length + valueBytes.length;
            if (bytes > bytesMax) {
                throw new IOException(
                        "more than "
                                + (bytesMax >> 20)
                                + " MB: make it a db table, which is not held in memory");
            }
            int place = store(keyBytes, valueBytes);
            int at = slotOf(keyBytes, pages, places, slots);
            if (slots[at] != 0) {
                places[slots[at] - 1] = place;
                return;
            }
            if (size == places.length) {
                places = Arrays.copyOf(places, size * 2);
            }
            places[size++] = place;
            slots[at] = size;
            if (size > slots.length / 3 * 2) {
                rehash();
            }
        }

        private int store(byte[] key, byte[] value) {
            int length = width(key.length) + width(value.length) + key.length + value.length;
            if (used + length > PAGE) {
                pages.add(new byte[Math.max(PAGE, length)]);
                used = 0;
            }
            byte[] page = pages.getLast();
            int place = (pages.size() - 1) << PAGE_BITS | used;
            int at = number(page, used, key.length);
            at = number(page, at, value.length);
            System.arraycopy(key, 0, page, at, key.length);
            System.arraycopy(value, 0, page, at + key.length, value.length);
            used = Math.min(PAGE, used + length);
            return place;
        }

        private void rehash() {
            int[] wider = new int[slots.length * 2];
            for (int i = 0; i < size; i++) {
                Entry entry = Entry.at(pages, places[i]);
                int at = entry.keyHash() & (wider.length - 1);
                while (wider[at] != 0) {
                    at = (at + 1) & (wider.length - 1);
                }
                wider[at] = i + 1;
            }
            slots = wider;
        }

        /// The entries so far; nothing may be added any more.
        PackedEntries build(boolean mapping) {
            return new PackedEntries(this, mapping);
        }
    }

    private static int width(int number) {
        return number < 0x80 ? 1 : 1 + width(number >>> 7);
    }

    /// Writes a number, seven bits a byte, and returns the index behind it.
    private static int number(byte[] page, int at, int number) {
        int rest = number;
        int to = at;
        while (rest >= 0x80) {
            page[to++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        page[to++] = (byte) rest;
        return to;
    }

    /// Where an entry's parts are.
    private static final class Entry {
        private final byte[] page;
        private final int keyAt;
        private final int keyLength;
        private final int valueLength;

        private Entry(byte[] page, int keyAt, int keyLength, int valueLength) {
            this.page = page;
            this.keyAt = keyAt;
            this.keyLength = keyLength;
            this.valueLength = valueLength;
        }

        static Entry at(List<byte[]> pages, int place) {
            byte[] page = pages.get(place >>> PAGE_BITS);
            int at = place & PAGE_MASK;
            int[] lengths = new int[2];
            for (int i = 0; i < 2; i++) {
                int shift = 0;
                while (page[at] < 0) {
                    lengths[i] |= (page[at++] & 0x7f) << shift;
                    shift += 7;
                }
                lengths[i] |= page[at++] << shift;
            }
            return new Entry(page, at, lengths[0], lengths[1]);
        }

        boolean hasKey(byte[] key) {
            return Arrays.equals(page, keyAt, keyAt + keyLength, key, 0, key.length);
        }

        int keyHash() {
            return hash(page, keyAt, keyLength);
        }

        String key() {
            return new String(page, keyAt, keyLength, StandardCharsets.UTF_8);
        }

        String value() {
            return valueLength == 0
                    ? key()
                    : new String(page, keyAt + keyLength, valueLength, StandardCharsets.UTF_8);
        }
    }

    private static int hash(byte[] bytes, int from, int length) {
        int hash = 1;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + bytes[i];
        }
        hash *= 0x9e37_79b9;
        return hash ^ (hash >>> 15);
    }

    /// The slot that holds the key, or the empty one where it would go.
    private static int slotOf(byte[] key, List<byte[]> pages, int[] places, int[] slots) {
        int at = hash(key, 0, key.length) & (slots.length - 1);
        while (slots[at] != 0 && !Entry.at(pages, places[slots[at] - 1]).hasKey(key)) {
            at = (at + 1) & (slots.length - 1);
        }
        return at;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean isMapping() {
        return mapping;
    }

    @Override
    public long find(String key) {
        byte[] wanted = key.getBytes(StandardCharsets.UTF_8);
        return slots[slotOf(wanted, pages, places, slots)] - 1L;
    }

    @Override
    public String key(long place) {
        return Entry.at(pages, places[(int) place]).key();
    }

    @Override
    public String value(long place) {
        return Entry.at(pages, places[(int) place]).value();
    }

    @Override
    public long firstFrom(long place) {
        return place < size ? place : -1;
    }

    @Override
    public long behind(long place) {
        return place + 1;
    }

    @Override
    public void walk(Visitor visitor) throws IOException {
        for (int i = 0; i < size; i++) {
            visitor.visit(i, key(i));
        }
    }
}
