package ledger

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// killFolder names, in the environment, the folder in which this binary is a program that enters acts until it is
// killed, and not a test.
const killFolder = "LEDGER_TEST_KILL_FOLDER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(killFolder); folder != "" {
		if err := enterUntilKilled(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func killOptions(folder string, db *store.DB) (Options, error) {
	key, err := OpenKey(filepath.Join(folder, "key"), testOrigin, newSeeded(1))
	return Options{
		DB: db, Key: key, Origin: testOrigin, Clock: time.Now, Random: mixed{},
		CheckpointFile: filepath.Join(folder, "checkpoint"),
	}, err
}

// mixed is randomness that differs from life to life.
type mixed struct{}

func (mixed) Read(b []byte) (int, error) {
	for k := range b {
		b[k] = byte(rand.Uint32())
	}
	return len(b), nil
}

// enterUntilKilled writes a line for each act whose transaction was acknowledged, and for each served head.
func enterUntilKilled(folder string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: "sqlite:" + filepath.Join(folder, "rostrum.db")})
	if err != nil {
		return err
	}
	o, err := killOptions(folder, db)
	if err != nil {
		return err
	}
	l, err := New(ctx, o)
	if err != nil {
		return err
	}
	var writing sync.Mutex
	say := func(format string, args ...any) {
		writing.Lock()
		defer writing.Unlock()
		fmt.Printf(format+"\n", args...)
	}
	l.OnPublish(func(h Head) { say("head %s", base64.StdEncoding.EncodeToString(h.Note)) })
	failed := make(chan error)
	go func() { // signs as fast as it can, so that kills meet every step
		for {
			if _, err := l.Integrate(ctx); err != nil {
				failed <- err
			}
			if err := l.Publish(ctx); err != nil {
				failed <- err
			}
		}
	}()
	for range 3 {
		go func() {
			for n := 0; ; n++ {
				var id ID
				err := db.Write(ctx, func(tx *store.Tx) (err error) { id, err = l.Enter(tx, sample(n)); return err })
				if err != nil {
					failed <- err
				}
				say("entered %s", id)
			}
		}()
	}
	return <-failed
}

// The program is killed (kill -9) again and again while acts are entered: nothing that was acknowledged is lost,
// and no head that was served names entries that do not exist.
func TestKill(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	folder := t.TempDir()
	random := rand.New(rand.NewPCG(3, 4))
	var acknowledged []ID
	var heads []tlog.Tree
	for round := range rounds {
		lines := 1 + random.IntN(300)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), killFolder+"="+folder)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		key := must(OpenKey(waitFor(t, filepath.Join(folder, "key")), testOrigin, nil))
		scan := bufio.NewScanner(out)
		for n := 0; scan.Scan(); n++ {
			if n == lines {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			switch what, value, _ := strings.Cut(scan.Text(), " "); {
			case what == "entered" && ID(value).Valid():
				acknowledged = append(acknowledged, ID(value))
			case what == "head":
				note, err := base64.StdEncoding.DecodeString(value)
				if err != nil {
					break // the kill cut the line
				}
				heads = append(heads, must(openCheckpoint(note, key.verifier)))
			}
		}
		if err := child.Wait(); child.ProcessState.ExitCode() >= 0 {
			t.Fatalf("round %d: the program ended by itself: %v", round, err)
		}

		db, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(folder, "rostrum.db")})
		if err != nil {
			t.Fatal(err)
		}
		l := open(t, must(killOptions(folder, db)))
		CheckInvariant(t, l)
		settleAll(t, l)
		CheckInvariant(t, l)
		for _, id := range acknowledged {
			if e, err := l.ByID(t.Context(), id); err != nil || e.Index == Pending {
				t.Fatalf("round %d: %s was acknowledged: %+v, %v", round, id, e, err)
			}
		}
		err = db.Read(t.Context(), func(tx *store.Tx) error {
			for _, head := range heads {
				if err := continues(tx, head, l.Head(t.Context()).Size); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("round %d: a served head is not the record's: %v", round, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) < rounds || len(heads) < 5*rounds { // many heads, so that kills met every step
		t.Fatalf("only %d acts and %d heads were seen", len(acknowledged), len(heads))
	}
	t.Logf("%d acts acknowledged and %d heads served in %d lives", len(acknowledged), len(heads), rounds)
}

// waitFor waits until the child has written a file.
func waitFor(t *testing.T, path string) string {
	t.Helper()
	for t.Context().Err() == nil {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return path
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the child wrote no key")
	return ""
}
