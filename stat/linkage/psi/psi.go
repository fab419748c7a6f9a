// Package psi finds which identifiers two holders have in common, while neither
// learns the others: private set intersection by Diffie-Hellman on ristretto255
// (Meadows 1986; Huberman, Franklin & Hogg 1999).
//
// Each side blinds its identifiers with a secret of its own, sends them in an
// order that tells nothing, and blinds those of the other side once more. What is
// blinded twice is equal for both sides exactly where the identifiers are equal:
//
//	ours := a.Blind()                            // to b
//	twice, err := b.Again(ctx, ours)             // back to a, in the same order
//	theirs, err := a.Again(ctx, b.Blind())       // a blinds what b sent
//	shared, err := a.Shared(twice, theirs)       // a's identifiers that b has, too
//
// It matches exact identifiers only: a document number with one wrong digit is
// another number. For names and dates use package clk. It holds against a side
// that keeps to the protocol and is curious; a side that feeds in invented
// identifiers learns whether the other side has them, so agree beforehand who may
// ask for how many. Both sides learn how many identifiers the other has.
package psi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gtank/ristretto255"
)

// ElementSize is the length of a blinded identifier in bytes.
const ElementSize = 32

// Element is a blinded identifier.
type Element [ElementSize]byte

// Party is one holder in one run. Use a new one for every run: a secret that is
// used twice lets the two runs be compared.
type Party struct {
	secret  *ristretto255.Scalar
	items   []string  // distinct, in the order in which they are sent
	blinded []Element // of items, by the own secret
}

// New makes a party for a run of a study from its identifiers, which should be
// folded the same way on both sides; equal ones count once. Both sides name the
// study alike. random should be crypto/rand.Reader.
func New(ctx context.Context, study string, items []string, random io.Reader) (*Party, error) {
	if study == "" || len(study) > 200 {
		return nil, errors.New("starting an intersection: name the study in 1 to 200 bytes")
	}
	var wide [64]byte
	if _, err := io.ReadFull(random, wide[:]); err != nil {
		return nil, fmt.Errorf("starting an intersection: drawing the secret: %w", err)
	}
	secret, err := ristretto255.NewScalar().SetUniformBytes(wide[:])
	if err != nil {
		return nil, fmt.Errorf("starting an intersection: %w", err)
	}
	if secret.Equal(ristretto255.NewScalar()) == 1 {
		return nil, errors.New("starting an intersection: the secret is zero: the source of randomness is broken")
	}
	p := &Party{secret: secret, items: slices.Compact(slices.Sorted(slices.Values(items)))}
	if err := shuffle(p.items, random); err != nil {
		return nil, fmt.Errorf("starting an intersection: %w", err)
	}
	p.blinded = make([]Element, len(p.items))
	tag := "rostrum psi 1/" + study
	err = each(ctx, len(p.items), func(i int) error {
		point, err := hashToGroup([]byte(p.items[i]), tag)
		if err != nil {
			return err
		}
		copy(p.blinded[i][:], point.ScalarMult(secret, point).Bytes())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("blinding identifiers: %w", err)
	}
	return p, nil
}

// Blind gives the own identifiers, blinded, to be sent to the other side.
func (p *Party) Blind() []Element { return slices.Clone(p.blinded) }

// Again blinds what the other side sent once more, in the same order. It refuses
// what is not a group element or would give the secret away.
func (p *Party) Again(ctx context.Context, theirs []Element) ([]Element, error) {
	out := make([]Element, len(theirs))
	err := each(ctx, len(theirs), func(i int) error {
		point, err := ristretto255.NewIdentityElement().SetCanonicalBytes(theirs[i][:])
		if err != nil {
			return fmt.Errorf("element %d: %w", i+1, err)
		}
		if point.Equal(ristretto255.NewIdentityElement()) == 1 {
			return fmt.Errorf("element %d is the identity", i+1)
		}
		copy(out[i][:], point.ScalarMult(p.secret, point).Bytes())
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("blinding the other side's identifiers: %w", err)
	}
	return out, nil
}

// Shared gives the own identifiers, sorted, that the other side has as well: own
// are the own ones as the other side returned them from Again, theirs the other
// side's after Again here.
func (p *Party) Shared(own, theirs []Element) ([]string, error) {
	if len(own) != len(p.items) {
		return nil, fmt.Errorf("intersecting: %d elements came back of %d sent: ask the other side to send all in order", len(own), len(p.items))
	}
	known := make(map[Element]bool, len(theirs))
	for _, e := range theirs {
		known[e] = true
	}
	var shared []string
	for i, e := range own {
		if known[e] {
			shared = append(shared, p.items[i])
		}
	}
	slices.Sort(shared)
	return shared, nil
}

// Write writes elements one after the other; Read reads them.
func Write(w io.Writer, elements []Element) error {
	var b bytes.Buffer
	for i, e := range elements {
		b.Write(e[:])
		if b.Len() < 1<<16 && i+1 < len(elements) {
			continue
		}
		if _, err := b.WriteTo(w); err != nil {
			return fmt.Errorf("writing blinded identifiers: %w", err)
		}
	}
	return nil
}

// Read reads what Write wrote, at most limit elements.
func Read(r io.Reader, limit int) ([]Element, error) {
	var out []Element
	for {
		var e Element
		switch _, err := io.ReadFull(r, e[:]); {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("reading blinded identifiers: the file is cut short after %d: fetch it again", len(out))
		case err != nil:
			return nil, fmt.Errorf("reading blinded identifiers: %w", err)
		case len(out) == limit:
			return nil, fmt.Errorf("reading blinded identifiers: more than the %d agreed", limit)
		}
		out = append(out, e)
	}
}

// shuffle puts items into random order (Fisher & Yates), so that their order
// tells nothing.
func shuffle(items []string, random io.Reader) error {
	var raw [8]byte
	for i := len(items) - 1; i > 0; i-- {
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return fmt.Errorf("drawing the order: %w", err)
		}
		// The high half of a product is uniform to within 2^-32 for any real list.
		high, _ := bits.Mul64(binary.LittleEndian.Uint64(raw[:]), uint64(i+1))
		items[i], items[high] = items[high], items[i]
	}
	return nil
}

// each runs work for all numbers below n on all processors, and gives the error
// of the lowest number that failed among those tried.
func each(ctx context.Context, n int, work func(i int) error) error {
	const chunk = 64
	var next atomic.Int64
	var wait sync.WaitGroup
	var mu sync.Mutex
	failedAt, failure := n, error(nil)
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(chunk)) - chunk
				if from >= n {
					return
				}
				for i := from; i < min(from+chunk, n); i++ {
					if err := work(i); err != nil {
						mu.Lock()
						if i < failedAt {
							failedAt, failure = i, err
						}
						mu.Unlock()
						return
					}
				}
			}
		})
	}
	wait.Wait()
	if failure != nil {
		return failure
	}
	return ctx.Err()
}
