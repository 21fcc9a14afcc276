package smtpd.lka.filter;

import smtpd.core.conf.FilterConf;
import smtpd.core.imsg.FilterPhase;
import smtpd.core.imsg.FilterSubject;
import smtpd.core.imsg.FilterVerdict;
import smtpd.lka.filter.FilterProtocol.Said;
import smtpd.lka.table.Answer;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The commands that filters are being asked about. In the agent's thread.
final class Inquiries {
    private final FilterHub.World world;
    private final Programs programs;
    private final Conditions conditions;
    private final Chronicle chronicle;
    private final Map<Long, Question> questions = new LinkedHashMap<>();

    Inquiries(
            FilterHub.World world, Programs programs, Conditions conditions, Chronicle chronicle) {
        this.world = world;
        this.programs = programs;
        this.conditions = conditions;
        this.chronicle = chronicle;
    }

    /// Asks the filters of a session.
    ///
    /// @param value the argument of the command
    /// @param then told what they decide, once, unless the session ends before
    void ask(
            FilterSession session,
            FilterPhase phase,
            String value,
            FilterSubject subject,
            Consumer<FilterVerdict> then) {
        new Inquiry(session, phase, value, subject, then).advance();
    }

    /// A program has answered; false if nobody asked.
    boolean result(FilterProgram program, Said.Result it) {
        Question question = questions.get(it.token());
        if (question == null
                || question.program() != program
                || question.run() != program.run()
                || !question.inquiry().session.id().equals(it.session())) {
            return false;
        }
        questions.remove(it.token());
        question.inquiry().answered(program, it.decision());
        return true;
    }

    /// A run of a program is over: whoever waits for it gets its policy.
    void lost(FilterProgram program) {
        List<Question> open =
                questions.values().stream().filter(it -> it.program() == program).toList();
        questions.values().removeIf(it -> it.program() == program);
        for (Question question : open) {
            question.inquiry().fail(question.filter(), "ended");
            question.inquiry().advance();
        }
    }

    /// A session is over.
    void forget(FilterSession session) {
        questions.values().removeIf(it -> it.inquiry().session == session);
    }

    /// Looks at deadlines. A program that has said nothing at all since it was asked hangs: it is
    /// ended.
    void tick(Instant now) {
        List<Map.Entry<Long, Question>> late =
                questions.entrySet().stream().filter(it -> it.getValue().isLate(now)).toList();
        for (Map.Entry<Long, Question> each : late) {
            Question question = each.getValue();
            if (questions.remove(each.getKey(), question)) {
                if (!question.program().heard().isAfter(question.asked())) {
                    question.program().end("hangs");
                }
                question.inquiry().fail(question.filter(), "did not answer in time");
                question.inquiry().advance();
            }
        }
    }

    /// One command on its way through the filters of its session.
    private final class Inquiry {
        private final FilterSession session;
        private final Evaluation evaluation;
        private final String value;
        private final FilterSubject subject;
        private final Consumer<FilterVerdict> then;

        Inquiry(
                FilterSession session,
                FilterPhase phase,
                String value,
                FilterSubject subject,
                Consumer<FilterVerdict> then) {
            this.session = session;
            this.evaluation = new Evaluation(session.members(), phase);
            this.value = value;
            this.subject = subject;
            this.then = then;
        }

        private boolean isOver() {
            return session.isOver();
        }

        /// Goes on until it has to wait, or is over.
        void advance() {
            while (!isOver()) {
                switch (evaluation.next(
                        filter ->
                                Chronicle.wants(
                                        session, programs.of(filter), evaluation.phase()))) {
                    case Evaluation.Next.Test(FilterConf.Builtin filter) -> {
                        if (!test(filter)) {
                            return;
                        }
                    }
                    case Evaluation.Next.Ask(FilterConf.Program filter) -> {
                        if (ask(filter)) {
                            return;
                        }
                    }
                    case Evaluation.Next.Done(FilterVerdict verdict) -> {
                        finish(verdict);
                        return;
                    }
                }
            }
        }

        /// True if the outcome is there at once.
        private boolean test(FilterConf.Builtin filter) {
            Conditions.Case it = new Conditions.Case(session.ends(), subject, value);
            if (Conditions.isImmediate(filter.condition())) {
                tested(filter, conditions.test(filter, it));
                return true;
            }
            world.workers()
                    .execute(() -> {
                        Answer answer = conditions.test(filter, it);
                        world.agent()
                                .execute(() -> {
                                    tested(filter, answer);
                                    advance();
                                });
                    });
            return false;
        }

        private void tested(FilterConf.Builtin filter, Answer answer) {
            switch (answer) {
                case Answer.Found _ -> {
                    evaluation.matched(filter);
                    if (filter.decision().verb() == FilterConf.Verb.REPORT) {
                        chronicle.filterReport(
                                session, "builtin", filter.name(), filter.decision().text());
                    }
                }
                case Answer.NotFound _ -> {}
                case Answer.Tempfail(String reason) -> {
                    world.complaints().accept("filter " + filter.name() + ": " + reason);
                    evaluation.fail(FilterConf.Fail.TEMPFAIL);
                }
            }
        }

        /// True if an answer is to be waited for.
        private boolean ask(FilterConf.Program filter) {
            FilterProgram program = programs.of(filter);
            if (!chronicle.introduce(session, program)) {
                fail(filter, "is not there");
                return false;
            }
            if (!program.wants(evaluation.phase())) {
                return false;
            }
            Instant now = world.agenda().now();
            long token = world.random().getAsLong();
            questions.put(token, new Question(this, filter, program, program.run(), now));
            String line =
                    FilterProtocol.query(
                            FilterProtocol.time(now),
                            evaluation.phase(),
                            session.id(),
                            token,
                            parameters());
            Chronicle.say(program, line);
            return true;
        }

        private List<String> parameters() {
            return evaluation.phase() == FilterPhase.CONNECT
                    ? List.of(session.ends().name(), session.ends().address())
                    : List.of(value);
        }

        void answered(FilterProgram program, Decision decision) {
            if (decision.verb() == Decision.Verb.REPORT) {
                chronicle.filterReport(session, "proc", program.shown(), decision.text());
            }
            evaluation.decide(decision);
            advance();
        }

        void fail(FilterConf.Program filter, String why) {
            world.statistics().increment("lka.filter.failed");
            world.complaints()
                    .accept(
                            "filter "
                                    + filter.name()
                                    + ": "
                                    + why
                                    + ": "
                                    + filter.trouble().fail().word());
            evaluation.fail(filter.trouble().fail());
        }

        private void finish(FilterVerdict verdict) {
            if (evaluation.asked()) {
                chronicle.filterResponse(session, evaluation.phase(), verdict);
            }
            then.accept(verdict);
        }
    }

    /// A question that a program has not answered yet.
    private record Question(
            Inquiry inquiry,
            FilterConf.Program filter,
            FilterProgram program,
            int run,
            Instant asked) {
        boolean isLate(Instant now) {
            return now.isAfter(asked.plus(filter.trouble().timeout()));
        }
    }
}
