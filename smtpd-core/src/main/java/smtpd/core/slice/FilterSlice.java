package smtpd.core.slice;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.FrameIn;
import smtpd.core.imsg.FrameOut;
import smtpd.core.imsg.ImsgViolation;

import java.util.List;

/// The filters that are in use; lka's part, which asks them.
///
/// @param admd the authentication service id that programs are told
/// @param filters every one that a listener or an action names, and the members of chains
/// @param incoming the names that listeners have
/// @param outgoing the names that relay actions have
public record FilterSlice(
        String admd, List<FilterConf> filters, List<String> incoming, List<String> outgoing) {
    /// No filters at all.
    public static final FilterSlice NONE = new FilterSlice("", List.of(), List.of(), List.of());

    public FilterSlice {
        filters = List.copyOf(filters);
        incoming = List.copyOf(incoming);
        outgoing = List.copyOf(outgoing);
    }

    static void write(FrameOut out, FilterSlice slice) {
        out.text(slice.admd);
        out.list(slice.filters, FilterSlice::filter);
        out.texts(slice.incoming);
        out.texts(slice.outgoing);
    }

    static FilterSlice read(FrameIn in) {
        return new FilterSlice(in.text(), in.list(FilterSlice::filter), in.texts(), in.texts());
    }

    private static void filter(FrameOut out, FilterConf filter) {
        switch (filter) {
            case FilterConf.Program(String name, String proc, var trouble) -> {
                out.u8(0).text(name).text(proc);
                out.choice(trouble.fail()).duration(trouble.timeout());
            }
            case FilterConf.Chain(String name, List<String> members) ->
                    out.u8(1).text(name).texts(members);
            case FilterConf.Builtin(String name, var phase, var condition, var decision) -> {
                out.u8(2).text(name).choice(phase).choice(condition.kind());
                out.bool(condition.negated()).bool(condition.regex()).text(condition.table());
                out.choice(decision.verb()).text(decision.text());
            }
        }
    }

    private static FilterConf filter(FrameIn in) {
        return switch (in.u8()) {
            case 0 ->
                    new FilterConf.Program(
                            in.text(),
                            in.text(),
                            new FilterConf.Trouble(
                                    in.choice(FilterConf.Fail.values()), in.duration()));
            case 1 -> new FilterConf.Chain(in.text(), in.texts());
            case 2 ->
                    new FilterConf.Builtin(
                            in.text(),
                            in.choice(FilterConf.Phase.values()),
                            new FilterConf.Condition(
                                    in.choice(FilterConf.Test.values()),
                                    in.bool(),
                                    in.bool(),
                                    in.text()),
                            new FilterConf.Decision(
                                    in.choice(FilterConf.Verb.values()), in.text()));
            default -> throw new ImsgViolation("unknown filter");
        };
    }
}
