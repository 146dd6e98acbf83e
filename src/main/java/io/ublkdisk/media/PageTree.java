package io.ublkdisk.media;

import static io.ublkdisk.media.PagePool.IN_FILE;
import static io.ublkdisk.media.PagePool.ZERO;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Which page stands where on a disk: a radix tree from page index to page, of which a second owner costs nothing.
 *
 * <p>Nodes have 64 entries. An inner node's entry is the node below or null, a leaf's is a page. What is not there reads as
 * zeroes, so a disk of any size begins as nothing. Nodes are counted as pages are: a node with one owner is changed in
 * place; one with several is copied first, which makes its children's owners one more. So {@link #share} is one increment,
 * and what a write costs afterwards is the path to its page, about 1 KiB, however large the disk.
 *
 * <pre>
 *      tree A      tree B = A.share(), then one put        shared: everything but the path
 *        │           │
 *      [root 1]    [root 1]
 *       │   └────────│──┐ └────────┐
 *      [1]          [2]◀┘         [1] copied
 * </pre>
 *
 * <p>A node is owned by this tree alone only if each on the way to it is: that is what the walk in {@link #put} keeps true.
 *
 * <p>A tree over a file begins with {@link PagePool#IN_FILE} everywhere, which takes one node for each level, the same ones
 * in every such tree.
 *
 * <p><b>Threads.</b> One writer or many readers, as the owner's lock says. Trees that share nodes may be used at the same
 * time under different locks: counts are atomic, and no thread changes a node whose count is not one.
 */
public final class PageTree implements AutoCloseable {
    private static final int FAN_SHIFT = 6;
    private static final int FAN = 1 << FAN_SHIFT;
    private static final int FAN_MASK = FAN - 1;

    private static final VarHandle OWNERS;

    static {
        try {
            OWNERS = MethodHandles.lookup().findVarHandle(Node.class, "owners", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** A leaf has pages, an inner node has children. */
    private static final class Node {
        final Node[] children;
        final int[] pages;
        private volatile int owners = 1;

        Node(Node[] children, int[] pages) {
            this.children = children;
            this.pages = pages;
        }

        static Node blank(int shift) {
            return shift == 0 ? new Node(null, new int[FAN]) : new Node(new Node[FAN], null);
        }
    }

    /** What a tree over a file begins with, by level. Never has one owner alone, so it is always copied before a change. */
    private static final Node[] ALL_IN_FILE = new Node[1 + Long.SIZE / FAN_SHIFT];

    static {
        for (int level = 0; level < ALL_IN_FILE.length; level++) {
            Node node = Node.blank(level);
            if (level == 0) {
                Arrays.fill(node.pages, IN_FILE);
            } else {
                Arrays.fill(node.children, ALL_IN_FILE[level - 1]);
            }
            node.owners = 1 << 30;
            ALL_IN_FILE[level] = node;
        }
    }

    /** What differs from the file. */
    interface Differences {
        void page(long index, int page);

        void zeroes(long firstIndex, long pageCount);
    }

    private final PagePool pool;
    private final int topShift;
    private Node root;

    /** Returns an empty tree for that many pages. */
    public PageTree(PagePool pool, long pageCount) {
        this.pool = pool;
        int shift = 0;
        while (pageCount - 1 >> shift >= FAN) {
            shift += FAN_SHIFT;
        }
        this.topShift = shift;
        this.root = Node.blank(shift);
    }

    /** Returns a tree for that many pages, all of them in a file. */
    static PageTree inFile(PagePool pool, long pageCount) {
        PageTree tree = new PageTree(pool, pageCount);
        tree.root = tree.allInFile();
        return tree;
    }

    private Node allInFile() {
        Node node = ALL_IN_FILE[topShift / FAN_SHIFT];
        OWNERS.getAndAdd(node, 1);
        return node;
    }

    private PageTree(PageTree other) {
        this.pool = other.pool;
        this.topShift = other.topShift;
        this.root = other.root;
        OWNERS.getAndAdd(root, 1);
    }

    /** Returns a second tree with the same content, at once; the two then change apart. To be closed by itself. */
    public PageTree share() {
        return new PageTree(this);
    }

    /**
     * Returns the page at that index, {@link PagePool#ZERO} where nothing was put. Still the tree's own: retain it to keep it.
     */
    public int page(long index) {
        Node node = root;
        for (int shift = topShift; shift > 0; shift -= FAN_SHIFT) {
            node = node.children[(int) (index >>> shift) & FAN_MASK];
            if (node == null) {
                return ZERO;
            }
        }
        return node.pages[(int) index & FAN_MASK];
    }

    /** Puts a page in place of the one at that index, which is released. The caller's ownership of the page goes over. */
    public void put(long index, int page) {
        Node node = root;
        if (node.owners != 1) {
            node = root = copied(node);
        }
        for (int shift = topShift; shift > 0; shift -= FAN_SHIFT) {
            int slot = (int) (index >>> shift) & FAN_MASK;
            Node child = node.children[slot];
            if (child == null || child.owners != 1) {
                child = child == null ? Node.blank(shift - FAN_SHIFT) : copied(child);
                node.children[slot] = child;
            }
            node = child;
        }
        int slot = (int) index & FAN_MASK;
        int old = node.pages[slot];
        node.pages[slot] = page;
        if (old != ZERO) {
            pool.release(old);
        }
    }

    /** Takes away the pages {@code first} to {@code last}, both included. Whole subtrees go at once. */
    public void clear(long first, long last) {
        if (first <= last) {
            root = cleared(root, topShift, first, last);
            if (root == null) {
                root = Node.blank(topShift);
            }
        }
    }

    /** Returns what remains of a node, whose first page is index 0, without those pages; null if nothing. */
    private Node cleared(Node node, int shift, long first, long last) {
        long lastOfNode = ((long) FAN << shift) - 1;
        if (first <= 0 && last >= lastOfNode) {
            release(node);
            return null;
        }
        Node mine = node.owners == 1 ? node : copied(node);
        int from = (int) (Math.max(first, 0) >>> shift);
        int to = (int) (Math.min(last, lastOfNode) >>> shift);
        for (int slot = from; slot <= to; slot++) {
            if (mine.pages != null) {
                pool.release(mine.pages[slot]);
                mine.pages[slot] = ZERO;
            } else if (mine.children[slot] != null) {
                long base = (long) slot << shift;
                mine.children[slot] = cleared(mine.children[slot], shift - FAN_SHIFT, first - base, last - base);
            }
        }
        return mine;
    }

    /** Tells what is not in the file, in order. */
    void differences(Differences differences) {
        differences(root, topShift, 0, differences);
    }

    private static void differences(Node node, int shift, long base, Differences differences) {
        if (node == ALL_IN_FILE[shift / FAN_SHIFT]) {
            return;
        }
        for (int slot = 0; slot < FAN; slot++) {
            long index = base + ((long) slot << shift);
            if (node.pages == null && node.children[slot] != null) {
                differences(node.children[slot], shift - FAN_SHIFT, index, differences);
            } else if (node.pages == null || node.pages[slot] == ZERO) {
                differences.zeroes(index, 1L << shift);
            } else if (node.pages[slot] != IN_FILE) {
                differences.page(index, node.pages[slot]);
            }
        }
    }

    /** Tells that everything is in the file now. */
    void becomeInFile() {
        release(root);
        root = allInFile();
    }

    /** Gives up every page that no other tree has. Idempotent. */
    @Override
    public void close() {
        if (root != null) {
            release(root);
            root = null;
        }
    }

    /** Returns what this tree puts in the place of a node that others have too. */
    private Node copied(Node node) {
        Node copy;
        if (node.pages != null) {
            copy = new Node(null, node.pages.clone());
            for (int page : copy.pages) {
                pool.retain(page);
            }
        } else {
            copy = new Node(node.children.clone(), null);
            for (Node child : copy.children) {
                if (child != null) {
                    OWNERS.getAndAdd(child, 1);
                }
            }
        }
        release(node);
        return copy;
    }

    private void release(Node node) {
        if ((int) OWNERS.getAndAdd(node, -1) > 1) {
            return;
        }
        if (node.pages != null) {
            pool.release(node.pages, FAN);
            return;
        }
        for (Node child : node.children) {
            if (child != null) {
                release(child);
            }
        }
    }
}
