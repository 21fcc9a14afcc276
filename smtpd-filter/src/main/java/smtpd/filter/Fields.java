package smtpd.filter;

import smtpd.filter.wire.ProtocolException;

import java.util.List;

/// The fields of a report or question, in their order.
final class Fields {
    private final String what;
    private final List<String> fields;

    /// @param what for what is said about a wrong one
    /// @param rest everything behind the session or token
    /// @param count how many fields there are; the last one may contain `|`
    Fields(String what, String rest, int count) {
        this.what = what;
        this.fields = count == 0 ? List.of() : List.of(rest.split("\\|", count));
    }

    String at(int index) throws ProtocolException {
        if (index >= fields.size()) {
            throw new ProtocolException(what + ": field " + (index + 1) + " is missing");
        }
        return fields.get(index);
    }

    String atOrEmpty(int index) {
        return index < fields.size() ? fields.get(index) : "";
    }

    /// A field that is the last one today: what a later version adds behind it is left out.
    String closed(int index) throws ProtocolException {
        String field = at(index);
        int end = field.indexOf('|');
        return end < 0 ? field : field.substring(0, end);
    }

    long number(int index) throws ProtocolException {
        try {
            return Long.parseUnsignedLong(closed(index));
        } catch (NumberFormatException e) {
            throw new ProtocolException(what + ": not a number: " + at(index), e);
        }
    }

    Report.Result result(int index) throws ProtocolException {
        return switch (closed(index)) {
            case "ok" -> Report.Result.OK;
            case "permfail" -> Report.Result.PERMFAIL;
            case "tempfail" -> Report.Result.TEMPFAIL;
            default -> throw new ProtocolException(what + ": not a result: " + at(index));
        };
    }

    Report.Fcrdns fcrdns(int index) throws ProtocolException {
        return switch (at(index)) {
            case "pass" -> Report.Fcrdns.PASS;
            case "fail" -> Report.Fcrdns.FAIL;
            case "error" -> Report.Fcrdns.ERROR;
            default -> throw new ProtocolException(what + ": not a result: " + at(index));
        };
    }

    Report.AuthResult auth(int index) throws ProtocolException {
        return switch (at(index)) {
            case "pass" -> Report.AuthResult.PASS;
            case "fail" -> Report.AuthResult.FAIL;
            case "error" -> Report.AuthResult.ERROR;
            default -> throw new ProtocolException(what + ": not a result: " + at(index));
        };
    }
}
