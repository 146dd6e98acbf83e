package io.ublkdisk.house;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PackageTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A Java source as the JDK's own parser sees it.
 *
 * @param path where it lies, from the project's folder on
 * @param lines how many lines it has
 * @param packageName the package that it declares, empty if it declares none
 * @param types the simple names of its types, nested ones too
 * @param methods its methods and constructors
 * @param texts its Javadoc comments and string literals
 */
record SourceFile(
        String path, int lines, String packageName, List<String> types, List<Method> methods, List<Text> texts) {

    /**
     * A method.
     *
     * @param line its first
     * @param lines how many it has
     * @param javadoc empty if it has none
     * @param promises whether it is public or protected and overrides nothing, so that its Javadoc is a promise of its own
     */
    record Method(String name, int line, int lines, String javadoc, boolean promises) {}

    /** A text that a person reads, and its line. */
    record Text(int line, String text) {}

    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** Returns whether the file describes a package. */
    boolean describesPackage() {
        return path.endsWith("package-info.java");
    }

    /** Returns the simple name of the file's type. */
    String topType() {
        return path.substring(path.lastIndexOf('/') + 1).replace(".java", "");
    }

    /** Parses all Java sources under some folders of the project. */
    static List<SourceFile> under(Path project, String... folders) {
        List<SourceFile> found = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> files = Files.walk(project.resolve(folder))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java"))
                        .sorted()
                        .toList()) {
                    found.add(parse(project.relativize(file).toString(), Files.readString(file)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    static SourceFile parse(String path, String text) {
        JavaFileObject source = new SimpleJavaFileObject(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
        JavacTask task = (JavacTask) COMPILER.getTask(null, null, problem -> {}, List.of(), null, List.of(source));
        try {
            CompilationUnitTree unit = task.parse().iterator().next();
            ExpressionTree packageName = unit.getPackageName();
            Reader reader = new Reader(unit, DocTrees.instance(task));
            reader.scan(new TreePath(unit), null);
            return new SourceFile(
                    path,
                    (int) text.lines().count(),
                    packageName == null ? "" : packageName.toString(),
                    List.copyOf(reader.types),
                    List.copyOf(reader.methods),
                    List.copyOf(reader.texts));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Collects what the record holds. */
    private static final class Reader extends TreePathScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final DocTrees trees;
        private final SourcePositions positions;
        private final List<String> types = new ArrayList<>();
        private final List<Method> methods = new ArrayList<>();
        private final List<Text> texts = new ArrayList<>();

        private Reader(CompilationUnitTree unit, DocTrees trees) {
            this.unit = unit;
            this.trees = trees;
            this.positions = trees.getSourcePositions();
        }

        @Override
        public Void visitPackage(PackageTree tree, Void nothing) {
            addJavadoc(tree);
            return super.visitPackage(tree, nothing);
        }

        @Override
        public Void visitClass(ClassTree tree, Void nothing) {
            if (!tree.getSimpleName().isEmpty()) {
                types.add(tree.getSimpleName().toString());
            }
            addJavadoc(tree);
            return super.visitClass(tree, nothing);
        }

        @Override
        public Void visitVariable(VariableTree tree, Void nothing) {
            addJavadoc(tree);
            return super.visitVariable(tree, nothing);
        }

        @Override
        public Void visitMethod(MethodTree tree, Void nothing) {
            int first = line(positions.getStartPosition(unit, tree));
            if (first > 0) { // what the compiler adds has no place
                int last = line(positions.getEndPosition(unit, tree));
                methods.add(new Method(
                        tree.getName().toString(), first, last - first + 1, addJavadoc(tree), promises(tree)));
            }
            return super.visitMethod(tree, nothing);
        }

        private boolean promises(MethodTree tree) {
            Set<Modifier> flags = tree.getModifiers().getFlags();
            Tree.Kind within = getCurrentPath().getParentPath().getLeaf().getKind();
            boolean seen = flags.contains(Modifier.PUBLIC)
                    || flags.contains(Modifier.PROTECTED)
                    || !flags.contains(Modifier.PRIVATE)
                            && (within == Tree.Kind.INTERFACE || within == Tree.Kind.ANNOTATION_TYPE);
            return seen
                    && tree.getModifiers().getAnnotations().stream()
                            .noneMatch(
                                    note -> note.getAnnotationType().toString().equals("Override"));
        }

        @Override
        public Void visitLiteral(LiteralTree tree, Void nothing) {
            if (tree.getValue() instanceof String text) {
                texts.add(new Text(line(positions.getStartPosition(unit, tree)), text));
            }
            return super.visitLiteral(tree, nothing);
        }

        private String addJavadoc(Tree tree) {
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            if (comment == null) {
                return "";
            }
            String text = comment.toString();
            texts.add(new Text(line(positions.getStartPosition(unit, tree)), text));
            return text;
        }

        private int line(long position) {
            return position < 0 ? 0 : (int) unit.getLineMap().getLineNumber(position);
        }
    }
}
