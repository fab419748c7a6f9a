package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// program runs the test binary as the program.
func program(ctx context.Context, t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The test framework starts the program under the name that the binary is called by.
	link := filepath.Join(t.TempDir(), "rostrum")
	if err := os.Symlink(self, link); err != nil {
		t.Skip("no symbolic links here: ", err)
	}
	return exec.CommandContext(ctx, link, args...)
}

var (
	// texts are the English texts of a dialogue file, not the names of languages and their statuses.
	texts = regexp.MustCompile(`"en": "([^"]{12,})"`)
	lives = regexp.MustCompile(`^Life [0-9]+\.`)
)

// TestKill kills the program at random moments while it takes in dialogue files, again and again on one folder.
// Whatever the moment: the record verifies, the next start works, and nothing is half-written.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("twelve lives of the program take some seconds")
	}
	dir := filepath.Join(t.TempDir(), "instance")
	must := func(args ...string) string {
		t.Helper()
		out, err := program(t.Context(), t, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("rostrum %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	// A first, undisturbed start sets the instance up.
	demo := program(t.Context(), t, "demo", "--listen", "127.0.0.1:0", "--data", dir)
	out, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	demo.Process.Kill()
	demo.Wait()

	random := rand.New(rand.NewPCG(20220701, 37))
	whole := must("export", "dialogue", "som-2022", "--data", dir)
	finished := 0
	for life := range 12 {
		// Each life changes every text of the dialogue, so that an import has much to enter.
		changed := texts.ReplaceAllString(whole, fmt.Sprintf(`"en": "Life %d. $1"`, life))
		name := filepath.Join(t.TempDir(), "som-2022.json")
		if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := program(t.Context(), t, "import", "dialogue", name, "--data", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(random.IntN(400))*time.Millisecond, func() { cmd.Process.Kill() })
		cmd.Wait()
		timer.Stop()
		if cmd.ProcessState.Success() {
			finished++
		} else if cmd.ProcessState.ExitCode() > 0 {
			t.Fatalf("life %d was not killed and failed", life)
		}
		must("verify", dir)
		now := must("export", "dialogue", "som-2022", "--data", dir)
		// All of the file or none of it: every English text carries the mark of one and the same life.
		marks := map[string]bool{}
		for _, text := range texts.FindAllStringSubmatch(now, -1) {
			marks[lives.FindString(text[1])] = true
		}
		if len(marks) != 1 {
			t.Fatalf("after life %d the dialogue is half-written: %v", life, marks)
		}
	}
	t.Logf("%d of 12 lives came to their end", finished)
	// It goes on as if nothing had been.
	name := filepath.Join(t.TempDir(), "som-2022.json")
	if err := os.WriteFile(name, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	must("import", "dialogue", name, "--data", dir)
	if got := must("export", "dialogue", "som-2022", "--data", dir); got != whole {
		t.Error("the last import was not kept")
	}
	must("verify", dir)
}

// TestFullDisk runs the program on a disk of a few megabytes until it is full: a clear message, nothing
// half-written, and it goes on when there is room again. It needs the right to mount.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be made here: %s", bytes.TrimSpace(out))
	}
	t.Cleanup(func() { exec.Command("umount", disk).Run() })
	dir := filepath.Join(disk, "instance")
	demo := program(t.Context(), t, "demo", "--listen", "127.0.0.1:0", "--data", dir)
	out, err := demo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	demo.Process.Signal(os.Interrupt)
	demo.Wait()

	filler := filepath.Join(disk, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); err != nil {
			break
		}
	}
	// Room for the files that SQLite makes for reading, not for an import.
	if info, err := f.Stat(); err != nil || f.Truncate(info.Size()-96<<10) != nil {
		t.Fatal("the small disk cannot be filled")
	}
	f.Close()
	whole, err := program(t.Context(), t, "export", "dialogue", "som-2022", "--data", dir).Output()
	if err != nil {
		t.Fatalf("reading on a full disk: %v", err)
	}
	changed := filepath.Join(t.TempDir(), "som-2022.json")
	if err := os.WriteFile(changed, texts.ReplaceAll(whole, []byte(`"en": "Changed. $1"`)), 0o600); err != nil {
		t.Fatal(err)
	}
	message, err := program(t.Context(), t, "import", "dialogue", changed, "--data", dir).CombinedOutput()
	if err == nil {
		t.Fatalf("an import on a full disk succeeds: %s", message)
	}
	if !bytes.Contains(message, []byte("disk is full")) && !bytes.Contains(message, []byte("no space left")) {
		t.Errorf("a full disk is reported as: %s", message)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if out, err := program(t.Context(), t, "verify", dir).CombinedOutput(); err != nil {
		t.Fatalf("after the disk was full: %v\n%s", err, out)
	}
	if again, _ := program(t.Context(), t, "export", "dialogue", "som-2022", "--data", dir).Output(); !bytes.Equal(again, whole) {
		t.Error("the refused import left something behind")
	}
	if out, err := program(t.Context(), t, "import", "dialogue", changed, "--data", dir).CombinedOutput(); err != nil {
		t.Errorf("with room again: %v\n%s", err, out)
	}
}
