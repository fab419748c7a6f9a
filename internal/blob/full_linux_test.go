package blob

import (
	"bytes"
	"crypto/rand"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFullDisk writes to a disk of one megabyte until it is full, and goes on after room was made.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	s, err := Open(t.Context(), dir, rand.Reader)
	t.Cleanup(func() {
		if s != nil {
			s.Close()
		}
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutAs(t.Context(), "small", bytes.NewReader(data(500<<10))); err != nil {
		t.Fatal(err)
	}
	_, err = s.PutAs(t.Context(), "large", bytes.NewReader(data(800<<10)))
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), dir) {
		t.Errorf("on a full disk: %v", err)
	}
	if left := entries(t, filepath.Join(dir, incoming)); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := s.Delete(t.Context(), "small"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutAs(t.Context(), "large", bytes.NewReader(data(800<<10))); err != nil {
		t.Errorf("after room was made: %v", err)
	}
}
