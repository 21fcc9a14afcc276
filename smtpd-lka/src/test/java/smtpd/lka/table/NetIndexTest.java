package smtpd.lka.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import smtpd.core.imsg.TableService;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Many networks, compared with a walk over all of them.
class NetIndexTest {
    private static String network(SplittableRandom random) {
        int bits = 8 + random.nextInt(25);
        return random.nextInt(4) == 0
                ? "2001:db8:" + Integer.toHexString(random.nextInt(64)) + "::/" + (32 + bits)
                : address(random) + "/" + bits;
    }

    private static String address(SplittableRandom random) {
        return "10." + random.nextInt(4) + "." + random.nextInt(256) + "." + random.nextInt(256);
    }

    @Test
    void theIndexAndAWalkAgree() throws IOException {
        SplittableRandom random = new SplittableRandom(4711);
        List<String> networks = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            networks.add(network(random));
        }
        Entries entries = Entries.list(networks);
        for (int i = 0; i < 500; i++) {
            String asked =
                    random.nextInt(4) == 0
                            ? "2001:db8:" + Integer.toHexString(random.nextInt(80)) + "::1"
                            : address(random);
            assertEquals(
                    narrowest(networks, asked),
                    Answer.valueOrEmpty(entries.answer(TableService.NETADDR, asked, '+'))
                            .replaceFirst(".*/", ""),
                    asked);
        }
    }

    /// The number of bits of the narrowest network; several with the same may be written
    /// differently.
    private static String narrowest(List<String> networks, String asked) {
        NetAddr host = NetAddr.parse(asked).orElseThrow();
        int best = -1;
        for (String text : networks) {
            NetAddr network = NetAddr.parse(text).orElseThrow();
            if (network.isV4() == host.isV4()
                    && host.shortenedTo(network.bits()).equals(network)
                    && network.bits() > best) {
                best = network.bits();
            }
        }
        return best < 0 ? "" : Integer.toString(best);
    }
}
