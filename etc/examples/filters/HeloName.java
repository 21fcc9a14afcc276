// HeloName.java: a filter that refuses clients whose own name for themselves is none in DNS.
import smtpd.filter.*;

void main() {
    Filter filter = Filter.named("helo-name").usesDns();
    filter.decide(Phase.EHLO, (session, hello) -> {
        var address = session.dns(DnsType.A, hello.name());
        var address6 = session.dns(DnsType.AAAA, hello.name());
        boolean isNone = address.join() instanceof DnsAnswer.None
                && address6.join() instanceof DnsAnswer.None;
        return isNone ? Decision.reject("550 5.7.1 Who are you?") : Decision.proceed();
    });
    System.exit(filter.run());
}
