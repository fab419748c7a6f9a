package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// VerifyOptions say what a record is held against.
type VerifyOptions struct {
	// Key is the verifier key that the record must be signed with; empty takes the record's own word for it.
	Key string
	// Remembered is a checkpoint that the record must continue, as it was signed; nil for none.
	Remembered []byte
	// Progress is told how many of how many entries have been checked; nil for nobody.
	Progress func(done, size int64)
	// Pause is how long to wait before looking again for the notice of a text that was withdrawn during the
	// verification; 0 stands for a second.
	Pause time.Duration
}

// looks is how often a record is read when it changes below the reader.
const looks = 3

// Verify checks a whole record: signature, every entry, tile and text, and what they say of each other. What does
// not verify is in the report; an error says that there is no verdict, because the source could not be read or the
// options make no sense.
func Verify(ctx context.Context, src Source, o VerifyOptions) (*Report, error) {
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	for look := 1; ; look++ {
		r, err := verifyOnce(ctx, src, o)
		if err != nil {
			return nil, fmt.Errorf("verifying the record: %w", err)
		}
		if r.unsettled == 0 || r.unsettled < len(r.Failures)+r.More || look == looks {
			return r, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("verifying the record: %w", ctx.Err())
		case <-time.After(o.Pause):
		}
	}
}

func verifyOnce(ctx context.Context, src Source, o VerifyOptions) (*Report, error) {
	v := &verification{
		src: src, o: o,
		report:  &Report{Continues: -1, Failures: []Failure{}},
		ids:     make(map[compactID]int64),
		notices: make(map[ID]noticeEntry), withdrawn: make(map[ID]withdrawnEntry),
	}
	verifier, err := v.key(ctx)
	if err != nil || verifier == nil {
		return v.report, err
	}
	tree, known, err := v.checkpoint(ctx, verifier)
	if err != nil || !known {
		return v.report, err
	}
	if err := v.remember(verifier, tree); err != nil {
		return nil, err
	}
	if err := v.walk(ctx, tree); err != nil {
		return nil, err
	}
	v.settle()
	v.report.Verified = !v.report.failed()
	return v.report, nil
}

// verification is one reading of a record.
type verification struct {
	src    Source
	o      VerifyOptions
	report *Report

	ids       map[compactID]int64 // where each entry stands
	notices   map[ID]noticeEntry
	withdrawn map[ID]withdrawnEntry

	// earlier is the remembered tree, and past the edge that grows until it has that tree's size.
	earlier *tlog.Tree
	past    edge
}

// fetch reads a file of the record. What is missing or damaged becomes a failure of the entry, and nil.
func (v *verification) fetch(ctx context.Context, path string) (data []byte, problem string, err error) {
	data, err = v.src.Fetch(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "the file is missing", nil
	case errors.Is(err, ErrDamaged):
		return nil, err.Error(), nil
	}
	return data, "", err
}

// key settles which key the record must be signed with; nil means that there is none to go by.
func (v *verification) key(ctx context.Context) (note.Verifier, error) {
	data, problem, err := v.fetch(ctx, keyPath)
	if err != nil {
		return nil, err
	}
	offered := strings.TrimSuffix(string(data), "\n")
	v.report.Key = v.o.Key
	if v.o.Key == "" {
		if problem != "" {
			v.report.fail(Failure{-1, keyPath, "the record gives no key to verify it with: " + problem})
			return nil, nil
		}
		v.report.Key, v.report.KeyFromSource = offered, true
	} else if problem == "" && offered != v.o.Key {
		v.report.fail(Failure{-1, keyPath, fmt.Sprintf("the key has changed: the record now offers %s. Either its operator changed the key, and must say so elsewhere, or this is not the record you know", offered)})
	}
	verifier, err := note.NewVerifier(v.report.Key)
	if err != nil {
		if v.o.Key != "" {
			return nil, fmt.Errorf("%q is not a verifier key: %w", v.o.Key, err)
		}
		v.report.fail(Failure{-1, keyPath, fmt.Sprintf("the record's key cannot be read: %v", err)})
		return nil, nil
	}
	v.report.Origin = verifier.Name()
	return verifier, nil
}

// checkpoint reads the head. known is false when it does not even claim a tree.
func (v *verification) checkpoint(ctx context.Context, verifier note.Verifier) (tree tlog.Tree, known bool, err error) {
	signed, problem, err := v.fetch(ctx, checkpointPath)
	if err != nil {
		return tlog.Tree{}, false, err
	}
	if problem != "" {
		v.report.fail(Failure{-1, checkpointPath, problem})
		return tlog.Tree{}, false, nil
	}
	tree, err = openCheckpoint(signed, verifier)
	if err != nil {
		// The tree is walked all the same: what was changed may be found there too.
		v.report.fail(Failure{-1, checkpointPath, err.Error()})
		if tree == (tlog.Tree{}) {
			return tlog.Tree{}, false, nil
		}
	}
	v.report.Checkpoint = string(signed)
	v.report.Size, v.report.Root = tree.N, base64.StdEncoding.EncodeToString(tree.Hash[:])
	return tree, true, nil
}

// remember holds the head against the remembered checkpoint, as far as sizes tell; the walk does the rest.
func (v *verification) remember(verifier note.Verifier, tree tlog.Tree) error {
	if v.o.Remembered == nil {
		return nil
	}
	earlier, err := openCheckpoint(v.o.Remembered, verifier)
	if err != nil {
		return fmt.Errorf("the remembered checkpoint: %w", err)
	}
	v.report.Continues = earlier.N
	switch {
	case earlier.N > tree.N:
		v.report.fail(Failure{-1, checkpointPath, fmt.Sprintf("the record has become shorter: %d entries, and it had %d when it was seen before", tree.N, earlier.N)})
	case earlier.N == tree.N && earlier.Hash != tree.Hash:
		v.report.fail(Failure{-1, checkpointPath, fmt.Sprintf("the record has forked: at %d entries it was seen before with another root, %s", earlier.N, earlier.Hash)})
	case earlier.N < tree.N:
		v.earlier = &earlier
	}
	return nil
}

// walk reads every bundle, several at a time, and looks at them in order.
func (v *verification) walk(ctx context.Context, tree tlog.Tree) error {
	var reading sync.WaitGroup
	defer reading.Wait() // whoever closes the source after us closes it behind the last reader
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan chan bundle, runtime.GOMAXPROCS(0)+2)
	reading.Go(func() {
		defer close(queue)
		for n := range tiles(0, tree.N) {
			done := make(chan bundle, 1)
			select {
			case <-ctx.Done():
				return
			case queue <- done:
			}
			reading.Go(func() { done <- v.readBundle(ctx, n, tree.N) })
		}
	})
	t := &tower{v: v, size: tree.N}
	for done := range queue {
		b := <-done
		if b.err != nil {
			return b.err
		}
		for _, f := range b.failures {
			v.report.fail(f)
		}
		v.relate(b)
		v.grow(b)
		if err := t.add(ctx, b.tile); err != nil {
			return err
		}
		if v.o.Progress != nil {
			v.o.Progress(b.first+int64(len(b.tile)), tree.N)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	got, err := t.root(ctx)
	if err != nil {
		return err
	}
	if got != tree.Hash {
		v.report.fail(Failure{-1, checkpointPath, fmt.Sprintf("the tiles give the root %s, the checkpoint says %s", got, tree.Hash)})
	}
	v.report.Tiles = t.count
	return nil
}

// grow follows the tree up to the remembered size and compares it there.
func (v *verification) grow(b bundle) {
	if v.earlier == nil {
		return
	}
	var hashes []tlog.Hash
	for _, h := range b.tile {
		if v.past.size == v.earlier.N {
			break
		}
		hashes = v.past.append(hashes[:0], h)
	}
	if v.past.size == v.earlier.N {
		if got := v.past.root(); got != v.earlier.Hash {
			v.report.fail(Failure{-1, checkpointPath, fmt.Sprintf("the record has forked: its first %d entries had the root %s when they were seen before, and have %s now", v.earlier.N, v.earlier.Hash, got)})
		}
		v.earlier = nil
	}
}
