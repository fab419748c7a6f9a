//go:build unix

package storetest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// supervise makes a server in the folder "$2" with the programs in "$1" and runs it until its standard input
// ends. That happens when the test process is gone, however it went: then the server is stopped and the
// folder removed. --no-sync concerns the making only: the server itself flushes as in production.
const supervise = `
exec 3<&0
trap 'tail -n 20 "$2/log" >&2; rm -rf "$2"' EXIT
"$1/initdb" -D "$2/data" -U rostrum -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || exit 1
"$1/postgres" -D "$2/data" -c listen_addresses= -c unix_socket_directories="$2" -c max_connections=400 \
	</dev/null >>"$2/log" 2>&1 &
server=$!
(read -r _ <&3; kill -INT $server) &
watch=$!
wait $server
kill $watch 2>/dev/null
`

// startOnce starts the test process's own server at the first call and answers the same at every call: the
// server's URL, or what is missing to run one, or why it did not start.
func startOnce() (url, missing string, err error) {
	started.Do(func() { started.url, started.missing, started.err = start() })
	return started.url, started.missing, started.err
}

var started struct {
	sync.Once
	url, missing string
	err          error
	open         io.Closer // the supervisor's standard input: it must stay open as long as the tests run
}

func start() (address, missing string, err error) {
	bin := programs()
	if bin == "" {
		return "", "PostgreSQL is not installed here (no initdb found) and TEST_POSTGRES_URL is not set", nil
	}
	attr := &syscall.SysProcAttr{Setpgid: true} // clear of the terminal's interrupts
	dir, err := os.MkdirTemp("", "pg")          // short: a socket's path holds about 100 bytes
	if err != nil {
		return "", "", err
	}
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		attr.Credential = unprivileged()
		if attr.Credential == nil {
			os.Remove(dir)
			return "", "the tests run as root, and there is no user postgres or nobody to run PostgreSQL as", nil
		}
		if err := os.Chown(dir, int(attr.Credential.Uid), int(attr.Credential.Gid)); err != nil {
			return "", "", err
		}
	}
	var said bytes.Buffer
	server := exec.Command("/bin/sh", "-c", supervise, "supervise", bin, dir)
	server.Dir = dir
	server.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	server.SysProcAttr = attr
	server.Stderr = &said
	stdin, err := server.StdinPipe()
	if err != nil {
		return "", "", err
	}
	if err := server.Start(); err != nil {
		return "", "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	address = (&url.URL{
		Scheme:   "postgres",
		Path:     "/postgres",
		RawQuery: url.Values{"host": {dir}, "user": {"rostrum"}, "sslmode": {"disable"}}.Encode(),
	}).String()
	if err := answers(address, ended); err != nil {
		stdin.Close()
		return "", "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	started.open = stdin
	return address, "", nil
}

// answers waits until the server at address takes connections.
func answers(address string, ended <-chan error) error {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer pool.Close()
	patience := time.After(time.Minute)
	for {
		err := pool.Ping()
		if err == nil {
			return nil
		}
		select {
		case <-ended:
			return errors.New("the server ended at once")
		case <-patience:
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// programs finds the folder that holds initdb and postgres, the newest version where there are several.
func programs() string {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "postgres")); err == nil {
				return filepath.Dir(path)
			}
		}
	}
	best, newest := "", -1
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"} {
		found, _ := filepath.Glob(pattern)
		for _, dir := range found {
			digits := strings.TrimLeft(filepath.Base(filepath.Dir(dir)), "postgreql@-")
			version, err := strconv.Atoi(digits)
			if err != nil || version <= newest {
				continue
			}
			if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
				best, newest = dir, version
			}
		}
	}
	return best
}

// unprivileged is the user that PostgreSQL runs as when the tests run as root.
func unprivileged() *syscall.Credential {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil && uid != 0 {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}
