package smtpd.lka.expand;

import smtpd.core.conf.Dispatcher;
import smtpd.core.conf.Rule;
import smtpd.core.imsg.ParentToChild;
import smtpd.core.imsg.TableService;
import smtpd.core.imsg.UserRecord;
import smtpd.core.mail.Envelope;
import smtpd.core.mail.MailAddr;
import smtpd.lka.expand.Expansion.Delivery;
import smtpd.lka.expand.Expansion.Result.Refused;
import smtpd.lka.rules.Subject;
import smtpd.lka.rules.Verdict;
import smtpd.lka.srs.Srs;
import smtpd.lka.table.Answer;
import smtpd.lka.table.UserLine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One expansion under way. Each visit either adds nodes or a delivery, or refuses the recipient.
final class Walk {
    private static final Optional<Refused> GO_ON = Optional.empty();

    /// An address may be one we rewrote from one that we had rewritten before.
    private static final int REWRITTEN_TWICE = 2;

    private final Expander expander;
    private final Envelope.Origin origin;
    private final MailAddr sender;
    private final LocalPart localPart;

    private final ArrayDeque<Vertex> work = new ArrayDeque<>();
    private final Set<Vertex.Identity> known = new HashSet<>();
    private final Map<List<Object>, Delivery> deliveries = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();
    private boolean wentRound;

    Walk(Expander expander, Envelope.Origin origin, MailAddr sender) {
        this.expander = expander;
        this.origin = origin;
        this.sender = sender;
        localPart = new LocalPart(expander.policy().delimiter());
    }

    Expansion from(MailAddr rcpt) {
        Optional<Refused> unwanted = begin(rcpt);
        if (unwanted.isPresent()) {
            return new Expansion(unwanted.get(), warnings);
        }
        while (!work.isEmpty()) {
            Optional<Refused> refused = visit(work.remove());
            if (refused.isPresent()) {
                return new Expansion(refused.get(), warnings);
            }
        }
        if (deliveries.isEmpty()) {
            return new Expansion(
                    wentRound
                            ? Refusals.loop("expansion leads round")
                            : Refusals.list("expansion leads nowhere"),
                    warnings);
        }
        return new Expansion(
                new Expansion.Result.Accepted(List.copyOf(deliveries.values())), warnings);
    }

    /// A report to an address that we once gave a forwarded message goes to that message's sender.
    private Optional<Refused> begin(MailAddr rcpt) {
        Vertex at = new Vertex(new Node.Address(rcpt), null, null, Vertex.From.RCPT, 0);
        for (int i = 0; sender.isNull() && i < REWRITTEN_TWICE; i++) {
            switch (expander.rewritten().decode(at.address())) {
                case Srs.Decoded.Original(MailAddr addr) ->
                        at =
                                new Vertex(
                                        new Node.Address(addr),
                                        at,
                                        null,
                                        Vertex.From.RCPT,
                                        at.depth() + 1);
                case Srs.Decoded.Refused(String reason) -> {
                    return refuse(Refusals.untrue("<" + at.address() + ">: " + reason));
                }
                case Srs.Decoded.AsItIs(String reason) -> {
                    if (!reason.isEmpty()) {
                        warnings.add("srs: <" + at.address() + "> is taken as it is: " + reason);
                    }
                    i = REWRITTEN_TWICE;
                }
            }
        }
        work.add(at);
        return GO_ON;
    }

    private Optional<Refused> visit(Vertex vertex) {
        if (!known.add(vertex.identity())) {
            wentRound |= vertex.leadsRound();
            return GO_ON;
        }
        if (known.size() > Expander.NODES_MAX) {
            return refuse(Refusals.list("more than " + Expander.NODES_MAX + " nodes"));
        }
        if (vertex.depth() > Expander.DEPTH_MAX) {
            return refuse(Refusals.list("more than " + Expander.DEPTH_MAX + " nodes deep"));
        }
        return switch (vertex.node()) {
            case Node.Address(MailAddr addr) -> address(vertex, addr);
            case Node.User(String name) -> user(vertex, action(vertex), name);
            case Node.Refuse(int code, String text) -> error(vertex, code, text);
            case Node.Include(String path) -> include(vertex, path);
            case Node.Pipe(String command) -> exec(vertex, action(vertex), "|" + command);
            case Node.AppendTo(String path) -> exec(vertex, action(vertex), path);
        };
    }

    private static Dispatcher.Local action(Vertex vertex) {
        return java.util.Objects.requireNonNull(vertex.action(), "only addresses have no action");
    }

    private static Optional<Refused> refuse(Refused refused) {
        return Optional.of(refused);
    }

    private Optional<Refused> add(Vertex parent, Vertex.From from, List<Node> nodes) {
        if (work.size() + nodes.size() > Expander.NODES_MAX) {
            return refuse(Refusals.list("more than " + Expander.NODES_MAX + " nodes"));
        }
        for (Node node : nodes) {
            work.add(new Vertex(node, parent, parent.action(), from, parent.depth() + 1));
        }
        return GO_ON;
    }

    /// An address goes through the rules.
    private Optional<Refused> address(Vertex vertex, MailAddr addr) {
        boolean internal = isInternal(vertex);
        return switch (expander.ruleset().match(new Subject(origin, sender, addr, internal))) {
            case Verdict.NoMatch _ -> refuse(Refusals.invalid("no rule matches " + addr));
            case Verdict.Rejected(Rule rule) ->
                    refuse(Refusals.invalid("rejected by the rule at " + rule.where()));
            case Verdict.Tempfail(String reason) -> refuse(Refusals.notNow(reason));
            case Verdict.Matched(Rule rule) -> matched(vertex, addr, rule);
        };
    }

    private boolean isInternal(Vertex vertex) {
        return origin.flags().internal() || vertex.parent() != null;
    }

    private Optional<Refused> matched(Vertex vertex, MailAddr addr, Rule rule) {
        Dispatcher dispatcher = expander.policy().dispatchers().get(rule.action());
        return switch (dispatcher) {
            case null -> refuse(Refusals.notNow("no action " + rule.action()));
            case Dispatcher.Bounce _ -> refuse(Refusals.notNow("no recipients for bounces"));
            case Dispatcher.Remote remote ->
                    deliver(vertex, new Envelope.Target.Mta(remote.name()), remote.ttl());
            case Dispatcher.Local local -> {
                Vertex here =
                        new Vertex(
                                vertex.node(),
                                vertex.parent(),
                                local,
                                vertex.from(),
                                vertex.depth());
                yield local.users().virtual().isEmpty()
                        ? localUser(here, addr)
                        : virtual(here, local, addr);
            }
        };
    }

    private Optional<Refused> localUser(Vertex here, MailAddr addr) {
        Optional<String> name = localPart.userName(addr.user());
        if (name.isEmpty()) {
            return refuse(Refusals.invalid("no user can have that name"));
        }
        return add(here, Vertex.From.ADDRESS, List.of(new Node.User(name.get())));
    }

    private Optional<Refused> virtual(Vertex here, Dispatcher.Local local, MailAddr addr) {
        String table = local.users().virtual();
        List<String> keys = localPart.virtualKeys(addr);
        return switch (first(table, keys)) {
            case Answer.Tempfail(String reason) -> refuse(Refusals.notNow(reason));
            case Answer.NotFound _ ->
                    refuse(Refusals.list("nothing in table " + table + " for " + addr));
            case Answer.Found(String value) -> nodes(here, Vertex.From.VIRTUAL, table, value);
        };
    }

    private Answer first(String table, List<String> keys) {
        for (String key : keys) {
            Answer answer = expander.tables().find(table).lookup(TableService.ALIAS, key);
            if (!(answer instanceof Answer.NotFound)) {
                return answer;
            }
        }
        return Answer.NOT_FOUND;
    }

    private Optional<Refused> nodes(Vertex here, Vertex.From from, String where, String value) {
        return switch (NodeParser.value(value)) {
            case NodeParser.Result.Nodes(List<Node> nodes) -> add(here, from, nodes);
            case NodeParser.Result.Malformed(String reason) ->
                    refuse(Refusals.notNow("table " + where + ": " + reason));
        };
    }

    /// A user is looked up among the aliases, then in the userbase, then in the own `.forward`.
    private Optional<Refused> user(Vertex vertex, Dispatcher.Local local, String name) {
        String aliases = local.users().alias();
        if (!aliases.isEmpty() && !vertex.isSameUser()) {
            Answer answer = first(aliases, localPart.aliasKeys(name));
            if (answer instanceof Answer.Tempfail(String reason)) {
                return refuse(Refusals.notNow(reason));
            }
            if (answer instanceof Answer.Found(String value)) {
                return nodes(vertex, Vertex.From.ALIAS, aliases, value);
            }
        }
        String plain = localPart.untagged(name);
        Answer base =
                expander.tables()
                        .userbase(local.users().userbase())
                        .lookup(TableService.USERINFO, plain);
        return switch (base) {
            case Answer.NotFound _ -> refuse(Refusals.invalid("no user " + plain));
            case Answer.Tempfail(String reason) -> refuse(Refusals.notNow(reason));
            case Answer.Found(String value) ->
                    UserLine.parse(plain, value)
                            .map(user -> realUser(vertex, local, user, name))
                            .orElseGet(() -> refuse(Refusals.notNow("userbase entry of " + plain)));
        };
    }

    private Optional<Refused> realUser(
            Vertex vertex, Dispatcher.Local local, UserRecord user, String name) {
        String runAs = local.users().user();
        boolean forwarded = vertex.isSameUser() && vertex.from().kind() == Vertex.Kind.FORWARD;
        if (forwarded || (!runAs.isEmpty() && !runAs.equals(user.name()))) {
            return deliverTo(vertex, local, name);
        }
        ParentToChild.ForwardFile file = expander.forwards().open(user);
        return switch (file.answer()) {
            case TEMPFAIL ->
                    refuse(Refusals.listNow(".forward of " + user.name() + " " + file.refusal()));
            case NOT_FOUND -> deliverTo(vertex, local, name);
            case FOUND -> {
                if (!file.refusal().isEmpty()) {
                    warn(user, file.refusal());
                    yield deliverTo(vertex, local, name);
                }
                yield forward(vertex, local, user, name, file);
            }
        };
    }

    private void warn(UserRecord user, String why) {
        warnings.add(".forward of " + user.name() + " is ignored: it " + why);
    }

    private Optional<Refused> forward(
            Vertex vertex,
            Dispatcher.Local local,
            UserRecord user,
            String name,
            ParentToChild.ForwardFile file) {
        return switch (NodeParser.forward(file.content())) {
            case NodeParser.Result.Malformed(String reason) ->
                    refuse(Refusals.listNow(".forward of " + user.name() + ": " + reason));
            case NodeParser.Result.Nodes(List<Node> nodes) -> {
                if (nodes.isEmpty()) {
                    yield deliverTo(vertex, local, name);
                }
                if (nodes.size() > Expander.FORWARD_NODES_MAX) {
                    yield refuse(Refusals.listNow(".forward of " + user.name() + ": too long"));
                }
                if (user.uid() == 0 && nodes.stream().anyMatch(Walk::runsSomething)) {
                    warn(user, "has a command or a file, and root runs and writes none");
                    yield deliverTo(vertex, local, name);
                }
                yield add(vertex, Vertex.From.forward(user.name()), plainOwn(nodes, user, name));
            }
        };
    }

    private static boolean runsSomething(Node node) {
        return node instanceof Node.Pipe || node instanceof Node.AppendTo;
    }

    /// The own name in a `.forward` means this delivery, tag and all.
    private static List<Node> plainOwn(List<Node> nodes, UserRecord user, String name) {
        return nodes.stream()
                .map(node -> node.equals(new Node.User(user.name())) ? new Node.User(name) : node)
                .toList();
    }

    private Optional<Refused> error(Vertex vertex, int code, String text) {
        if (isForwardOnly(vertex)) {
            return refuse(Refusals.listNow("error: under forward-only"));
        }
        return refuse(new Refused(code, "", text, "an expansion says so"));
    }

    private Optional<Refused> include(Vertex vertex, String path) {
        if (vertex.from().kind() != Vertex.Kind.ALIAS) {
            return refuse(Refusals.listNow(":include: is for alias tables only"));
        }
        return switch (expander.includes().read(path)) {
            case Answer.NotFound _ -> refuse(Refusals.listNow("no file " + path));
            case Answer.Tempfail(String reason) -> refuse(Refusals.notNow(reason));
            case Answer.Found(String text) ->
                    switch (NodeParser.lines(text)) {
                        case NodeParser.Result.Nodes(List<Node> nodes) ->
                                add(vertex, Vertex.From.INCLUDE, nodes);
                        case NodeParser.Result.Malformed(String reason) ->
                                refuse(Refusals.listNow(path + ": " + reason));
                    };
        };
    }

    private static boolean isForwardOnly(Vertex vertex) {
        return action(vertex).method() instanceof Dispatcher.Method.ForwardOnly;
    }

    private Optional<Refused> exec(Vertex vertex, Dispatcher.Local local, String exec) {
        if (isForwardOnly(vertex)) {
            return refuse(Refusals.listNow("command or file under forward-only"));
        }
        String owner = vertex.from().owner();
        String user = owner.isEmpty() ? expander.policy().daemonUser() : owner;
        return local(vertex, local, new Envelope.Target.Mda(local.name(), user, exec, ""));
    }

    private Optional<Refused> deliverTo(Vertex vertex, Dispatcher.Local local, String name) {
        if (isForwardOnly(vertex)) {
            return refuse(Refusals.listNow("no usable .forward"));
        }
        return local(
                vertex,
                local,
                new Envelope.Target.Mda(
                        local.name(), localPart.untagged(name), "", localPart.tag(name)));
    }

    private Optional<Refused> local(
            Vertex vertex, Dispatcher.Local local, Envelope.Target.Mda target) {
        if (local.method() instanceof Dispatcher.Method.ExpandOnly) {
            return refuse(Refusals.list("action " + local.name() + " expands only"));
        }
        return deliver(vertex, target, local.ttl());
    }

    private Optional<Refused> deliver(Vertex vertex, Envelope.Target target, Duration ttl) {
        MailAddr dest = vertex.address();
        boolean internal = isInternal(addressVertex(vertex));
        Object where =
                target instanceof Envelope.Target.Mta
                        ? new MailAddr(dest.user(), dest.domainKey())
                        : "";
        deliveries.putIfAbsent(List.of(target, where), new Delivery(target, dest, ttl, internal));
        return GO_ON;
    }

    private static Vertex addressVertex(Vertex vertex) {
        Vertex at = vertex;
        while (!(at.node() instanceof Node.Address) && at.parent() != null) {
            at = at.parent();
        }
        return at;
    }
}
