package psi

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gtank/ristretto255"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 9380, appendix K.3.
func TestExpand(t *testing.T) {
	got, err := expand([]byte("abcdef0123456789"), "QUUX-V01-CS02-with-expander-SHA512-256", 32)
	if err != nil {
		t.Fatal(err)
	}
	if want := "087e45a86e2939ee8b91100af1583c4938e0f5fc6c9db4b107b83346bc967f58"; hex.EncodeToString(got) != want {
		t.Errorf("expand = %x, want %s", got, want)
	}
	got, err = expand([]byte("abc"), "QUUX-V01-CS02-with-expander-SHA512-256", 0x80)
	if err != nil {
		t.Fatal(err)
	}
	if want := "7f1dddd13c08b543f2e2037b14cefb255b44c83cc397c1786d975653e36a6b11bdd7732d8b38adb4a0edc26a0cef4bb45217135456e58fbca1703cd6032cb1347ee720b87972d63fbf232587043ed2901bce7f22610c0419751c065922b488431851041310ad659e4b23520e1772ab29dcdeb2002222a363f0c2b1c972b3efe1"; hex.EncodeToString(got) != want {
		t.Errorf("expand = %x, want %s", got, want)
	}
}

// RFC 9497, appendix A.1.1 (OPRF, ristretto255-SHA512): hashing to the group,
// blinding, and blinding again are the same operations.
func TestOPRFVectors(t *testing.T) {
	blind, err := ristretto255.NewScalar().SetCanonicalBytes(unhex(t, "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ristretto255.NewScalar().SetCanonicalBytes(unhex(t, "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ input, blinded, evaluated string }{
		{"00", "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c", "7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"},
		{strings.Repeat("5a", 17), "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418", "b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25"},
	} {
		point, err := hashToGroup(unhex(t, c.input), "HashToGroup-OPRFV1-\x00-ristretto255-SHA512")
		if err != nil {
			t.Fatal(err)
		}
		var e Element
		copy(e[:], point.ScalarMult(blind, point).Bytes())
		if hex.EncodeToString(e[:]) != c.blinded {
			t.Errorf("blinded %s = %x, want %s", c.input, e, c.blinded)
		}
		again, err := (&Party{secret: key}).Again(t.Context(), []Element{e})
		if err != nil {
			t.Fatal(err)
		}
		if hex.EncodeToString(again[0][:]) != c.evaluated {
			t.Errorf("blinded again = %x, want %s", again[0], c.evaluated)
		}
	}
}

func party(t testing.TB, study string, items []string) *Party {
	t.Helper()
	p, err := New(t.Context(), study, items, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// meet runs the protocol and gives what each side learns.
func meet(t testing.TB, a, b *Party) (forA, forB []string) {
	t.Helper()
	aTwice, err := b.Again(t.Context(), a.Blind())
	if err != nil {
		t.Fatal(err)
	}
	bTwice, err := a.Again(t.Context(), b.Blind())
	if err != nil {
		t.Fatal(err)
	}
	if forA, err = a.Shared(aTwice, bTwice); err != nil {
		t.Fatal(err)
	}
	if forB, err = b.Shared(bTwice, aTwice); err != nil {
		t.Fatal(err)
	}
	return forA, forB
}

func TestShared(t *testing.T) {
	var left, right, both []string
	for i := range 300 {
		s := fmt.Sprintf("P%04d", i)
		if i%3 != 0 {
			left = append(left, s, s)
		}
		if i%5 != 0 {
			right = append(right, s)
		}
		if i%3 != 0 && i%5 != 0 {
			both = append(both, s)
		}
	}
	a, b := meet(t, party(t, "sample", left), party(t, "sample", right))
	if !slices.Equal(a, both) || !slices.Equal(b, both) {
		t.Errorf("found %d and %d shared identifiers, want %d", len(a), len(b), len(both))
	}
	if a, b := meet(t, party(t, "sample", left), party(t, "other study", right)); len(a)+len(b) != 0 {
		t.Error("identifiers of different studies match")
	}
	if a, b := meet(t, party(t, "sample", nil), party(t, "sample", right)); len(a)+len(b) != 0 {
		t.Error("an empty list shares something")
	}
}

func TestBlindTellsNothing(t *testing.T) {
	items := []string{"one", "two", "three", "four"}
	a, b := party(t, "sample", items), party(t, "sample", items)
	seen := map[Element]bool{}
	for _, e := range append(a.Blind(), b.Blind()...) {
		if seen[e] {
			t.Fatal("two blinded identifiers are equal")
		}
		seen[e] = true
	}
}

func TestRefusals(t *testing.T) {
	p := party(t, "sample", []string{"x"})
	if _, err := p.Again(t.Context(), []Element{{}}); err == nil {
		t.Error("the identity was blinded")
	}
	bad := Element{}
	for i := range bad {
		bad[i] = 0xff
	}
	if _, err := p.Again(t.Context(), []Element{bad}); err == nil {
		t.Error("what is no group element was blinded")
	}
	if _, err := p.Shared(nil, nil); err == nil {
		t.Error("missing elements were accepted")
	}
	if _, err := New(t.Context(), "", nil, rand.Reader); err == nil {
		t.Error("a run without a study was started")
	}
	if _, err := New(t.Context(), "sample", nil, bytes.NewReader(make([]byte, 64))); err == nil {
		t.Error("a zero secret was accepted")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := New(ctx, "sample", []string{"x"}, rand.Reader); !errors.Is(err, context.Canceled) {
		t.Errorf("a stopped run gave %v", err)
	}
}

func TestReadWrite(t *testing.T) {
	p := party(t, "sample", []string{"one", "two", "three"})
	var b bytes.Buffer
	if err := Write(&b, p.Blind()); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	got, err := Read(bytes.NewReader(whole), 3)
	if err != nil || !slices.Equal(got, p.Blind()) {
		t.Errorf("read back %d elements, %v", len(got), err)
	}
	if _, err := Read(bytes.NewReader(whole[:40]), 3); err == nil {
		t.Error("a file cut short was accepted")
	}
	if _, err := Read(bytes.NewReader(whole), 2); err == nil {
		t.Error("more elements than agreed were accepted")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(bytes.Repeat([]byte{1}, 64), 3)
	f.Add([]byte("short"), 1)
	f.Fuzz(func(t *testing.T, data []byte, limit int) {
		elements, err := Read(bytes.NewReader(data), limit)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, elements); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), data) {
			t.Error("writing gives another file")
		}
		p := &Party{secret: ristretto255.NewScalar()}
		p.Again(t.Context(), elements)
	})
}

func BenchmarkBlind(b *testing.B) {
	items := make([]string, 1000)
	for i := range items {
		items[i] = fmt.Sprint(i)
	}
	for b.Loop() {
		party(b, "sample", items)
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "ids/s")
}

func Example() {
	ctx := context.Background()
	a, err := New(ctx, "sample study", []string{"A100", "A200", "A300"}, rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := New(ctx, "sample study", []string{"A200", "A999"}, rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	ours, err := b.Again(ctx, a.Blind())
	if err != nil {
		fmt.Println(err)
		return
	}
	theirs, err := a.Again(ctx, b.Blind())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Shared(ours, theirs))
	// Output: [A200] <nil>
}
