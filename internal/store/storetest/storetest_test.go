package storetest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func TestEachGivesFreshDatabases(t *testing.T) {
	for range 2 {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec("insert into setting (name, value) values ($1, $2)", "language", "en")
				return err
			})
			if err != nil {
				t.Fatal(err) // the second round would meet the first one's row
			}
		})
	}
}

const childVariable = "STORETEST_CHILD"

// TestServerEndsWithTheProcess kills a test process that has started a server and looks for its remains.
func TestServerEndsWithTheProcess(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		url, missing, err := storetest.StartOnce()
		fmt.Printf("%s|%s|%v\n", url, missing, err)
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run=^TestServerEndsWithTheProcess$")
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	child.Process.Kill()
	child.Wait()
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(strings.TrimSpace(line), "|")
	if parts[1] != "" {
		t.Skip(parts[1])
	}
	if parts[2] != "<nil>" {
		t.Fatal(parts[2])
	}
	dir := storetest.Folder(parts[0])
	for range 1000 {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the server of a killed test process still stands in %s", dir)
}
