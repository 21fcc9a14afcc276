package smtpd.filter.run;

import smtpd.filter.Subsystem;
import smtpd.filter.wire.LineReader;
import smtpd.filter.wire.ProtocolException;
import smtpd.filter.wire.ServerLine;

import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// What the server says of itself before anything else.
///
/// @param config the last value of each key
/// @param subsystems where the filter is used
record Handshake(Map<String, String> config, Set<Subsystem> subsystems) {
    private static final int KEYS_MAX = 1000;

    /// Reads it.
    static Handshake read(LineReader lines) throws IOException, ProtocolException {
        Map<String, String> config = new LinkedHashMap<>();
        Set<Subsystem> subsystems = EnumSet.noneOf(Subsystem.class);
        while (true) {
            byte[] line = lines.next();
            if (line == null) {
                throw new ProtocolException("the server has gone during the handshake");
            }
            switch (ServerLine.read(line)) {
                case ServerLine.Config(String key, String value) -> {
                    config.put(key, value);
                    add(subsystems, key, value);
                }
                case ServerLine.ConfigReady() -> {
                    return settled(config, subsystems);
                }
                case ServerLine.Other _ -> {}
                case ServerLine other ->
                        throw new ProtocolException("before config|ready: " + other);
            }
            if (config.size() > KEYS_MAX) {
                throw new ProtocolException("more than " + KEYS_MAX + " keys");
            }
        }
    }

    private static void add(Set<Subsystem> subsystems, String key, String value) {
        if (key.equals("subsystem")) {
            for (Subsystem subsystem : Subsystem.values()) {
                if (subsystem.word().equals(value)) {
                    subsystems.add(subsystem);
                }
            }
        }
    }

    private static Handshake settled(Map<String, String> config, Set<Subsystem> subsystems)
            throws ProtocolException {
        String protocol = config.getOrDefault("protocol", "");
        if (!protocol.matches("0\\.([7-9]|[1-9]\\d{1,3})")) {
            throw new ProtocolException("needs protocol 0.7, not " + protocol);
        }
        return new Handshake(config, subsystems);
    }
}
