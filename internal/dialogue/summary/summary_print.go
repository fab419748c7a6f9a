package summary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The bounds of printing.
const (
	printFor   = 40 * time.Second
	maxPrinted = 32 << 20
	keepPrints = 12
)

// browsers are the names under which Chromium is installed.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// FindBrowser gives the path of an installed Chromium; empty where there is none.
func FindBrowser() string {
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// errNoBrowser: this instance cannot print.
var errNoBrowser = errors.New("no Chromium is installed")

// press prints pages as PDF through a browser, one at a time, and keeps the last ones: what is published never changes.
type press struct {
	browser string

	turn   chan struct{} // held while the browser runs
	prints map[string][]byte
	order  []string
}

func newPress(browser string) *press {
	return &press{browser: browser, turn: make(chan struct{}, 1), prints: map[string][]byte{}}
}

// print gives the PDF that is known under a name, or makes it.
func (p *press) print(ctx context.Context, name string, page func() ([]byte, error)) ([]byte, error) {
	if p.browser == "" {
		return nil, errNoBrowser
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if pdf, ok := p.prints[name]; ok {
		return pdf, nil
	}
	html, err := page()
	if err != nil {
		return nil, err
	}
	pdf, err := run(ctx, p.browser, html)
	if err != nil {
		return nil, err
	}
	if len(p.order) == keepPrints {
		delete(p.prints, p.order[0])
		p.order = p.order[1:]
	}
	p.prints[name], p.order = pdf, append(p.order, name)
	return pdf, nil
}

// run has the browser print a page in a folder of its own, without a network.
func run(ctx context.Context, browser string, html []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "rostrum-print-")
	if err != nil {
		return nil, fmt.Errorf("printing: %w", err)
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(in, html, 0o600); err != nil {
		return nil, fmt.Errorf("printing: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, printFor)
	defer cancel()
	args := []string{
		"--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-sync", "--disable-background-networking",
		"--disable-component-update", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
		"--user-data-dir=" + filepath.Join(dir, "profile"), "--no-pdf-header-footer", "--print-to-pdf=" + out,
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // it refuses to start as root otherwise; the page is our own and has no script
	}
	cmd := exec.CommandContext(ctx, browser, append(args, "file://"+in)...)
	cmd.Dir, cmd.Env = dir, []string{"HOME=" + dir, "TMPDIR=" + dir, "PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8"}
	var said bytes.Buffer
	cmd.Stderr = &limited{&said, 4 << 10}
	bind(cmd)
	cmd.WaitDelay = 2 * time.Second
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("printing with %s: %w: %s", browser, err, bytes.TrimSpace(said.Bytes()))
	}
	info, err := os.Stat(out)
	if err != nil {
		return nil, fmt.Errorf("printing with %s: it wrote nothing: %s", browser, bytes.TrimSpace(said.Bytes()))
	}
	if info.Size() > maxPrinted {
		return nil, fmt.Errorf("printing with %s: the file has %d bytes, %d are allowed", browser, info.Size(), maxPrinted)
	}
	return os.ReadFile(out)
}

// limited keeps the first bytes of what is written and drops the others.
type limited struct {
	to   *bytes.Buffer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.to.Write(b[:n])
	l.left -= n
	return len(b), nil
}
