package store_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"regexp"
	"testing"

	"rostrum.example/internal/store"
)

func TestNewID(t *testing.T) {
	form := regexp.MustCompile(`^[a-km-np-z2-9]{26}$`) // no l, o, 0 or 1: they are read for one another
	seen := map[string]bool{}
	for range 1000 {
		id, err := store.NewID(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
	a, _ := store.NewID(bytes.NewReader(make([]byte, 16)))
	b, _ := store.NewID(bytes.NewReader(append(make([]byte, 15), 1)))
	if a == b {
		t.Error("one bit of randomness is lost")
	}
	if _, err := store.NewID(bytes.NewReader(make([]byte, 15))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}
