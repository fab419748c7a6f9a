//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/sys/unix"
)

// readHidden asks a person at the terminal for one line and does not show what is typed.
func readHidden(prompt string) (line string, err error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return "", environment(fmt.Errorf("a passphrase is needed and there is no terminal to ask at; give --passphrase-file or %s", phraseVariable))
	}
	defer tty.Close()
	fd := int(tty.Fd())
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return "", environment(fmt.Errorf("asking for a passphrase: %w", err))
	}
	hidden := *before
	hidden.Lflag = hidden.Lflag&^unix.ECHO | unix.ICANON | unix.ISIG
	if err := unix.IoctlSetTermios(fd, setTermios, &hidden); err != nil {
		return "", environment(fmt.Errorf("asking for a passphrase: %w", err))
	}
	restore := func() { unix.IoctlSetTermios(fd, setTermios, before) }
	defer restore()
	// Ctrl-C must not leave a terminal that shows nothing. The read below does not end by itself, so the program does.
	interrupted, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(interrupted, os.Interrupt)
	defer signal.Stop(interrupted)
	defer close(done)
	go func() {
		select {
		case <-interrupted:
			restore()
			fmt.Fprintln(tty)
			os.Exit(exitEnvironment)
		case <-done:
		}
	}()
	fmt.Fprint(tty, prompt)
	line, err = bufio.NewReader(tty).ReadString('\n')
	fmt.Fprintln(tty)
	if err != nil {
		return "", environment(errors.New("no passphrase was given"))
	}
	return strings.TrimRight(line, "\r\n"), nil
}
