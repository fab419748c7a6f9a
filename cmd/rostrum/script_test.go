package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rostrum": main})
}

// TestScript runs the manual: every file of testdata/script is a session at the command line.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			records, err := filepath.Abs("../../records")
			if err != nil {
				return err
			}
			env.Setenv("RECORDS", records)
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir+"/config")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"running": running,
			"get":     get,
			"flip":    flip,
			"stop":    stop,
			"unzip":   unzip,
		},
	})
}

// running starts "rostrum ARGS" in the background on a free port and waits until it says where it answers.
// URL is set to its address.
func running(ts *testscript.TestScript, neg bool, args []string) {
	ctx, cancel := context.WithCancel(context.Background())
	path, err := exec.LookPath("rostrum")
	ts.Check(err)
	cmd := exec.CommandContext(ctx, path, append(args, "--listen", "127.0.0.1:0")...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "TESTSCRIPT_COMMAND=rostrum")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	cmd.Stderr = io.Discard
	ts.Check(cmd.Start())
	end := func() { cancel(); cmd.Wait() }
	ts.Defer(end)
	instances.Store(ts.MkAbs("."), end)
	buffer := make([]byte, 4096)
	n, err := out.Read(buffer)
	if err != nil {
		ts.Fatalf("rostrum %s did not start: %v", strings.Join(args, " "), err)
	}
	go io.Copy(io.Discard, out)
	text := string(buffer[:n])
	at := strings.Index(text, "http://")
	if at < 0 {
		ts.Fatalf("rostrum printed no address: %q", text)
	}
	url := strings.Fields(text[at:])[0]
	host := strings.SplitN(strings.TrimPrefix(url, "http://"), "/", 2)[0]
	ts.Setenv("URL", "http://"+host)
	ts.Setenv("LINK", url)
}

// instances holds how to end the instance that a script runs.
var instances sync.Map

// stop ends the running instance and waits for it.
func stop(ts *testscript.TestScript, neg bool, args []string) {
	if end, ok := instances.LoadAndDelete(ts.MkAbs(".")); ok {
		end.(func())()
	}
}

// unzip unpacks a zip file into a folder.
func unzip(ts *testscript.TestScript, neg bool, args []string) {
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), z))
}

// get fetches an address and prints status and body.
func get(ts *testscript.TestScript, neg bool, args []string) {
	resp, err := http.Get(args[0])
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), fmt.Appendf(nil, "%d\n%s", resp.StatusCode, body), 0o600))
}

// flip changes the first byte of a text in a file, wherever it stands.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(names) != 1 {
		ts.Fatalf("%s names %d files", args[0], len(names))
	}
	name := names[0]
	body, err := os.ReadFile(name)
	ts.Check(err)
	at := strings.Index(string(body), args[1])
	if at < 0 {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	for ; at >= 0; at = strings.Index(string(body), args[1]) {
		body[at] ^= 0x01
	}
	ts.Check(os.WriteFile(name, body, 0o600))
}
