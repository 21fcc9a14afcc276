package smtpd.queue.store;

import java.util.Optional;

/// How a store is, for statistics and for the decision to take new mail.
///
/// @param messages how many messages exist
/// @param envelopes how many envelopes exist
/// @param damaged how many of the messages are held because their content is damaged
/// @param refusal why [Store#create] refuses at present, if it does
public record StoreStatus(long messages, long envelopes, long damaged, Optional<Refused> refusal) {}
