// NoBank.java: a filter that refuses the senders of a domain, unless they have authenticated.
import smtpd.filter.*;

void main() {
    Filter filter = Filter.named("no-bank");
    filter.decide(Phase.MAIL_FROM, (session, mail) ->
            mail.domain().equalsIgnoreCase("bank.example") && session.user().isEmpty()
                    ? Decision.reject("550 5.7.1 No bank writes to us")
                    : Decision.proceed());
    System.exit(filter.run());
}
