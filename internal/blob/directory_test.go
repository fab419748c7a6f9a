package blob

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDirectorysFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "files")
	s := open(t, dir)
	if _, err := s.PutAs(t.Context(), "report/a", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "report", "a"))
	if err != nil {
		t.Fatal(err)
	}
	if at := info.ModTime().UTC(); info.Mode() != 0o600 || !at.Equal(at.Truncate(24*time.Hour)) || time.Since(at) > 25*time.Hour {
		t.Errorf("the file has mode %v and time %v, want 0600 and the beginning of the day", info.Mode(), at)
	}
	if info, err := os.Stat(filepath.Join(dir, "report")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has mode %v, %v", info.Mode(), err)
	}
	if s.String() != dir {
		t.Errorf("shown as %s", s)
	}
	if _, err := s.PutAs(t.Context(), "report/a/b", strings.NewReader("x")); !errors.Is(err, ErrExists) {
		t.Errorf("a file where the name has a folder: %v", err)
	}
	if _, err := s.PutAs(t.Context(), "report/a/b/c", strings.NewReader("x")); !errors.Is(err, ErrExists) {
		t.Errorf("a file where the name has two folders: %v", err)
	}
	if _, err := s.PutAs(t.Context(), "report", strings.NewReader("x")); !errors.Is(err, ErrExists) {
		t.Errorf("a folder where the name has a file: %v", err)
	}
	if err := os.Symlink("/", filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutAs(t.Context(), "out/tmp/escaped", strings.NewReader("x")); err == nil {
		t.Error("written outside the directory")
	}
}

func TestDraftsOfADeadProgramGo(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	now := time.Now() // the file system's clock is the machine's
	for name, age := range map[string]time.Duration{"old": 8 * 24 * time.Hour, "young": time.Hour} {
		file := filepath.Join(dir, incoming, name)
		if err := os.WriteFile(file, []byte("half a file"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir)
	if got := fmt.Sprint(entries(t, filepath.Join(dir, incoming))); got != "[young]" {
		t.Errorf("drafts %s, want [young]", got)
	}
	for info, err := range s.List(t.Context(), "") {
		t.Errorf("a draft is listed: %v, %v", info, err)
	}
}

// TestWithoutHardLinks takes the way for file systems that have none.
func TestWithoutHardLinks(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	draft := filepath.Join(incoming, "draft")
	for i, want := range []error{nil, ErrExists} {
		if err := os.WriteFile(filepath.Join(dir, draft), []byte{byte(i)}, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.backend.(*directory).rename(draft, "a"); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("rename %d: %v, want %v", i, err, want)
		}
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a")); err != nil || got[0] != 0 {
		t.Errorf("the file is %v, %v", got, err)
	}
}

func TestFullIsSaid(t *testing.T) {
	s := open(t, t.TempDir())
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		err := s.classify(fmt.Errorf("x: %w", &os.PathError{Op: "write", Path: "f", Err: cause}))
		if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), s.String()) {
			t.Errorf("%v becomes %v", cause, err)
		}
	}
	if err := s.classify(syscall.EIO); errors.Is(err, ErrFull) {
		t.Errorf("another error becomes %v", err)
	}
}
