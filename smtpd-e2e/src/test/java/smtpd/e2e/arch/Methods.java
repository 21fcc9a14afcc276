package smtpd.e2e.arch;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/// The types and methods that sources declare, as the compiler reads them.
final class Methods {
    private Methods() {}

    /// Told what is declared.
    interface Visitor {
        void type(String file, String name);

        void method(String file, String name, long lines);
    }

    static void visit(List<Path> files, Visitor visitor) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    manager,
                                    null,
                                    List.of("--release", "25"),
                                    null,
                                    manager.getJavaFileObjectsFromPaths(files));
            List<CompilationUnitTree> units = new ArrayList<>();
            task.parse().forEach(units::add);
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : units) {
                new Scanner(unit, positions, visitor).scan(unit, null);
            }
        }
    }

    private static final class Scanner extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final Visitor visitor;
        private final String file;

        private Scanner(CompilationUnitTree unit, SourcePositions positions, Visitor visitor) {
            this.unit = unit;
            this.positions = positions;
            this.visitor = visitor;
            file = unit.getSourceFile().getName();
        }

        @Override
        public @Nullable Void visitClass(ClassTree node, @Nullable Void unused) {
            visitor.type(file, node.getSimpleName().toString());
            return super.visitClass(node, null);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree node, @Nullable Void unused) {
            long first = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, node));
            long end = positions.getEndPosition(unit, node);
            if (end >= 0) {
                long last = unit.getLineMap().getLineNumber(end);
                visitor.method(file, node.getName().toString(), last - first + 1);
            }
            return super.visitMethod(node, null);
        }
    }
}
