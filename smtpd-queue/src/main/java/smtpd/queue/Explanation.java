package smtpd.queue;

import smtpd.core.mail.Esc;

/// What an enhanced status code means to somebody who wrote a message (RFC 3463 §3).
///
/// @param what what has happened, a sentence or two
/// @param advice what can be done about it; empty if nothing can
record Explanation(String what, String advice) {
    private static final String CHECK =
            "Check the address for mistakes, or ask the recipient for the right one.";
    private static final String POSTMASTER =
            "Tell the people who run the recipient's mail server, and show them this report.";
    private static final String OUR_POSTMASTER =
            "Tell the people who run your own mail server, and show them this report.";
    private static final String SHORTER =
            "Send less at a time, or put large attachments where they can be fetched from.";
    private static final String LATER = "Send it again later, or reach the recipient another way.";
    private static final String OTHER_WAY = "Reach the recipient another way.";

    /// The explanation of a code, whatever its class.
    static Explanation of(Esc status) {
        return switch (status.subject()) {
            case 1 -> address(status.detail());
            case 2 -> mailbox(status.detail());
            case 3 -> system(status.detail());
            case 4 -> network(status.detail());
            case 5 -> protocol(status.detail());
            case 6 -> content(status.detail());
            case 7 -> policy(status.detail());
            default ->
                    new Explanation(
                            "The recipient's mail server did not take it and named no reason we"
                                    + " could recognise.",
                            "Its own words, if there are any below, may say more.");
        };
    }

    private static Explanation address(int detail) {
        return switch (detail) {
            case 1 -> new Explanation("There is no such mailbox.", CHECK);
            case 2 ->
                    new Explanation(
                            "There is no such domain: nothing takes mail for what stands behind"
                                    + " the @ of the address.",
                            CHECK);
            case 3 -> new Explanation("This is not a valid mail address.", CHECK);
            case 4 -> new Explanation("The address stands for more than one mailbox.", CHECK);
            case 6 ->
                    new Explanation(
                            "The mailbox has moved, and no new address is known.",
                            "Ask the recipient for the new address.");
            case 7, 8 ->
                    new Explanation(
                            "The recipient's mail server does not accept your address as that of"
                                    + " a sender.",
                            "Check the sender address your mail program uses.");
            case 10 -> new Explanation("The recipient's domain takes no mail at all.", CHECK);
            default -> new Explanation("There is something wrong with the address.", CHECK);
        };
    }

    private static Explanation mailbox(int detail) {
        return switch (detail) {
            case 1 -> new Explanation("The mailbox is disabled and takes no mail.", OTHER_WAY);
            case 2 -> new Explanation("The recipient's mailbox is full.", LATER);
            case 3 ->
                    new Explanation(
                            "The message is larger than the recipient's mailbox takes.", SHORTER);
            case 4 -> new Explanation("The mailing list could not be used.", POSTMASTER);
            default -> new Explanation("The recipient's mailbox could not be used.", LATER);
        };
    }

    private static Explanation system(int detail) {
        return switch (detail) {
            case 1 -> new Explanation("The mail system there has no room left.", LATER);
            case 2 -> new Explanation("The mail server there takes no mail at present.", LATER);
            case 4 ->
                    new Explanation(
                            "The message is larger than the recipient's mail server takes.",
                            SHORTER);
            case 5 ->
                    new Explanation(
                            "A mail server on the way is not set up as it should be.",
                            OUR_POSTMASTER);
            default -> new Explanation("The mail system there does not work properly.", LATER);
        };
    }

    private static Explanation network(int detail) {
        return switch (detail) {
            case 1 -> new Explanation("The recipient's mail server does not answer.", LATER);
            case 2 ->
                    new Explanation(
                            "The connection to the recipient's mail server broke while the"
                                    + " message was being sent.",
                            LATER);
            case 3 ->
                    new Explanation(
                            "It could not be found out where the recipient's mail server is.",
                            LATER);
            case 4 ->
                    new Explanation(
                            "No way to the recipient's mail server could be found.", POSTMASTER);
            case 5 -> new Explanation("The mail servers on the way have too much to do.", LATER);
            case 6 ->
                    new Explanation(
                            "The message went round in a circle: a mail server that had sent it"
                                    + " on got it back.",
                            "Sending it again will not help. " + POSTMASTER);
            case 7 -> new Explanation("It could not be delivered in time.", LATER);
            default -> new Explanation("The network did not let it through.", LATER);
        };
    }

    private static Explanation protocol(int detail) {
        return detail == 3
                ? new Explanation(
                        "The message has more recipients than the mail server there takes.",
                        "Send it to fewer recipients at a time.")
                : new Explanation(
                        "The mail servers did not understand each other.", OUR_POSTMASTER);
    }

    private static Explanation content(int detail) {
        return switch (detail) {
            case 1, 2, 3, 4, 5 ->
                    new Explanation(
                            "The mail server there cannot take a message of this form, and it may"
                                    + " not be changed into another.",
                            "Send it in plain text or as an attachment.");
            case 7 ->
                    new Explanation(
                            "The addresses or the header have characters, such as letters with"
                                    + " accents, that the mail server there cannot handle.",
                            "Use an address in plain letters, if there is one.");
            case 9 ->
                    new Explanation(
                            "A header with such characters cannot be handled there.",
                            "Use plain letters in the subject and in names.");
            default -> new Explanation("The content of the message was not accepted.", POSTMASTER);
        };
    }

    private static Explanation policy(int detail) {
        return switch (detail) {
            case 2 ->
                    new Explanation(
                            "You may not send to this mailing list.",
                            "Ask its owner whether you may.");
            case 4, 5, 10, 11 ->
                    new Explanation(
                            "The message may only be sent encrypted or authenticated, and that was"
                                    + " not possible.",
                            OUR_POSTMASTER);
            case 20, 21, 22, 23, 24, 26, 27 ->
                    new Explanation(
                            "The recipient's mail server could not make sure that the message is"
                                    + " really from your domain.",
                            OUR_POSTMASTER);
            case 25 ->
                    new Explanation(
                            "The recipient's mail server does not trust the name of ours.",
                            OUR_POSTMASTER);
            case 30 ->
                    new Explanation(
                            "You asked that the message be sent encrypted all the way, and the"
                                    + " next mail server cannot do that.",
                            "Send it without that wish, if you may.");
            default ->
                    new Explanation(
                            "The recipient's mail server refuses it by its rules; perhaps it looks"
                                    + " like unwanted mail there.",
                            POSTMASTER);
        };
    }
}
