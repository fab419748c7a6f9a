package ledger

import (
	"context"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// bundle is what was read of up to 256 entries, and what failed within it.
type bundle struct {
	first    int64
	leaves   []*Leaf     // nil where the leaf cannot be read
	hashes   []tlog.Hash // of the leaves; none where the leaf is missing
	have     []bool      // whether there is a leaf
	tile     []tlog.Hash // the leaf hashes as the record serves them
	words    []words
	failures []Failure
	err      error
}

func (b *bundle) fail(entry int64, path, problem string, args ...any) {
	b.failures = append(b.failures, Failure{entry, path, fmt.Sprintf(problem, args...)})
}

// readBundle reads a bundle and checks what can be checked of it by itself.
func (v *verification) readBundle(ctx context.Context, n, size int64) bundle {
	width := last(kindEntries, 0, n, size).width
	b := bundle{
		first:  n * tileWidth,
		leaves: make([]*Leaf, width), hashes: make([]tlog.Hash, width), have: make([]bool, width),
		words: make([]words, width),
	}
	if b.err = v.readEntries(ctx, &b, last(kindEntries, 0, n, size)); b.err != nil {
		return b
	}
	if b.err = v.readTile(ctx, &b, last(kindHashes, 0, n, size)); b.err != nil {
		return b
	}
	b.err = v.readTexts(ctx, &b, last(kindText, 0, n, size))
	return b
}

// readEntries reads the leaves and checks how they are spelled.
func (v *verification) readEntries(ctx context.Context, b *bundle, p place) error {
	data, problem, err := v.fetch(ctx, p.path())
	if err != nil {
		return err
	}
	if problem != "" {
		b.fail(b.first, p.path(), "%s; entries %d to %d are not there", problem, b.first, b.first+int64(p.width)-1)
		return nil
	}
	for k := range p.width {
		index := b.first + int64(k)
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			b.fail(index, p.path(), "the bundle ends before the end of this entry")
			return nil
		}
		length := int(binary.BigEndian.Uint16(data))
		bytes := data[2 : 2+length]
		data = data[2+length:]
		b.hashes[k], b.have[k] = tlog.RecordHash(bytes), true
		leaf, err := ParseLeaf(bytes)
		if err != nil {
			b.fail(index, p.path(), "%v", err)
			continue
		}
		b.leaves[k] = &leaf
	}
	if len(data) > 0 {
		b.fail(b.first+int64(p.width)-1, p.path(), "%d bytes follow this entry, the last of the bundle", len(data))
	}
	return nil
}

// readTile reads the leaf hashes and compares the leaves with them.
func (v *verification) readTile(ctx context.Context, b *bundle, p place) error {
	served, problem, err := v.readHashes(ctx, p)
	if err != nil {
		return err
	}
	if problem != "" {
		b.fail(b.first, p.path(), "%s; the hashes of entries %d to %d are not there", problem, b.first, b.first+int64(p.width)-1)
		b.tile = b.hashes
		return nil
	}
	b.tile = served
	for k, h := range b.hashes {
		if b.have[k] && h != served[k] {
			b.fail(b.first+int64(k), p.path(), "the leaf has the hash %s, the record committed to %s: the entry or its hash was changed", h, served[k])
		}
	}
	return nil
}

func (v *verification) readHashes(ctx context.Context, p place) (hashes []tlog.Hash, problem string, err error) {
	data, problem, err := v.fetch(ctx, p.path())
	if err != nil || problem != "" {
		return nil, problem, err
	}
	if len(data) != p.width*tlog.HashSize {
		return nil, fmt.Sprintf("the tile has %d bytes, not %d", len(data), p.width*tlog.HashSize), nil
	}
	hashes = make([]tlog.Hash, p.width)
	for k := range hashes {
		hashes[k] = tlog.Hash(data[k*tlog.HashSize:])
	}
	return hashes, "", nil
}

// tower checks the tiles above the leaves. Each hash is held against the tile below it as it is served, so that one
// changed byte is found at its own place and not all the way up.
type tower struct {
	v     *verification
	size  int64
	count int64 // tiles read
	// levels[k] holds the hashes of level k's unfinished tile: at level 0 as served, above computed from below.
	levels [][]tlog.Hash
	done   []int64 // full tiles of each level
}

// add takes the next tile of level 0.
func (t *tower) add(ctx context.Context, tile []tlog.Hash) error {
	t.count++
	if len(t.levels) == 0 {
		t.levels, t.done = [][]tlog.Hash{nil}, []int64{0}
	}
	if len(tile) < tileWidth {
		t.levels[0] = tile
		return nil
	}
	return t.push(ctx, 1, subtree(tile))
}

// push gives a level the root of a full tile below it.
func (t *tower) push(ctx context.Context, level int, h tlog.Hash) error {
	if level == len(t.levels) {
		t.levels, t.done = append(t.levels, nil), append(t.done, 0)
	}
	t.levels[level] = append(t.levels[level], h)
	if len(t.levels[level]) < tileWidth {
		return nil
	}
	served, err := t.compare(ctx, level)
	if err != nil {
		return err
	}
	t.levels[level] = nil
	t.done[level]++
	return t.push(ctx, level+1, subtree(served))
}

// compare reads the current tile of a level and holds it against what was computed.
func (t *tower) compare(ctx context.Context, level int) ([]tlog.Hash, error) {
	computed := t.levels[level]
	p := place{kind: kindHashes, level: level, n: t.done[level], width: len(computed)}
	t.count++
	served, problem, err := t.v.readHashes(ctx, p)
	if err != nil {
		return nil, err
	}
	first := p.n * tileWidth << uint(level*tileHeight)
	if problem != "" {
		t.v.report.fail(Failure{first, p.path(), problem})
		return computed, nil
	}
	for k := range served {
		if served[k] != computed[k] {
			n := p.n*tileWidth + int64(k)
			t.v.report.fail(Failure{n << uint(level*tileHeight), p.path(), fmt.Sprintf("the hash over %s is not the root of the tile below it", span(level*tileHeight, n))})
		}
	}
	return served, nil
}

// root checks the partial tiles and gives the root of the tree.
func (t *tower) root(ctx context.Context) (tlog.Hash, error) {
	e := edge{size: t.size}
	for level := range t.levels {
		hashes := t.levels[level]
		if level > 0 && len(hashes) > 0 {
			var err error
			if hashes, err = t.compare(ctx, level); err != nil {
				return tlog.Hash{}, err
			}
		}
		for bit := tileHeight - 1; bit >= 0; bit-- {
			if width := 1 << bit; len(hashes)&width != 0 {
				// The highest bits stand leftmost: take them off the front.
				e.levels[level*tileHeight+bit] = subtree(hashes[:width])
				hashes = hashes[width:]
			}
		}
	}
	return e.root(), nil
}

// subtree is the root over a power of two of hashes.
func subtree(hashes []tlog.Hash) tlog.Hash {
	work := append([]tlog.Hash(nil), hashes...)
	for len(work) > 1 {
		for k := range len(work) / 2 {
			work[k] = tlog.NodeHash(work[2*k], work[2*k+1])
		}
		work = work[:len(work)/2]
	}
	return work[0]
}
