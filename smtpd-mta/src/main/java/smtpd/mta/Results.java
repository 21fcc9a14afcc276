package smtpd.mta;

import smtpd.core.imsg.DeliveryResult;
import smtpd.core.imsg.MtaToQueue;
import smtpd.core.imsg.QueueToMta;
import smtpd.core.proc.Agenda;
import smtpd.core.proc.Peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Results on their way to the queue, gathered for a moment so that it can record many with one
/// sync.
final class Results {
    /// A result waits no longer than this.
    static final Duration GATHER = Duration.ofMillis(2);

    /// Results in one message; each is well under 2 kB.
    static final int BATCH_MAX = 256;

    private final Peer<MtaToQueue, QueueToMta> queue;
    private final Agenda agenda;
    private List<DeliveryResult> gathered = new ArrayList<>();

    Results(Peer<MtaToQueue, QueueToMta> queue, Agenda agenda) {
        this.queue = queue;
        this.agenda = agenda;
    }

    void add(List<DeliveryResult> results) {
        for (DeliveryResult result : results) {
            if (gathered.isEmpty()) {
                agenda.after(GATHER, this::flush);
            }
            gathered.add(result);
            if (gathered.size() >= BATCH_MAX) {
                flush();
            }
        }
    }

    void flush() {
        if (!gathered.isEmpty()) {
            queue.send(new MtaToQueue.Results(List.copyOf(gathered)));
            gathered = new ArrayList<>();
        }
    }

    /// The queue that asked is gone.
    void forget() {
        gathered = new ArrayList<>();
    }
}
