// Rostrum runs the dialogues of a treaty review, from the call to the follow-up of every point.
//
// Each subcommand stands in a file of its own; testdata/script/*.txtar is the manual, executed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
)

// Exit codes. Scripts rely on them.
const (
	exitYes         = 0 // done, or yes
	exitNo          = 1 // no: does not verify, not estimable
	exitUsage       = 2 // the words of the call are off
	exitInput       = 3 // what was given cannot be used
	exitEnvironment = 4 // the machine stands in the way: no room, no permission, no network
)

// command is one subcommand.
type command struct {
	name     string
	synopsis string // the words after the name
	summary  string // one line for the list
	help     string // what a person needs to know to use it, with an example
	run      func(ctx context.Context, c *call, args []string) error
}

// call is one run of a command: where its words go and how it was asked to speak.
type call struct {
	*flag.FlagSet
	command *command
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	json    bool
}

// commands is a function so that the list may name commands that print it.
func commands() []*command {
	return []*command{
		demoCommand, serveCommand, importCommand, exportCommand, verifyCommand, backupCommand, restoreCommand, doctorCommand,
		estimateCommand, linkCommand, encodeCommand, opinionsCommand, evaluateCommand,
		keygenCommand, sealCommand, openCommand,
	}
}

// version is what the program calls itself in reports: the module's version, or the revision it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}

// exit is an error with the code that the program ends with.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &exit{exitUsage, fmt.Errorf(format, args...)} }

// bad marks an error as one of what was given; environment as one of the machine.
func bad(err error) error         { return &exit{exitInput, err} }
func environment(err error) error { return &exit{exitEnvironment, err} }

// silent ends with a code when everything has been said.
func silent(code int) error { return &exit{code, nil} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		printCommands(stderr)
		return exitUsage
	}
	name := args[0]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(args) > 1 {
			name, args = args[1], []string{args[1], "--help"}
			break
		}
		printCommands(stdout)
		return exitYes
	}
	for _, cmd := range commands() {
		if cmd.name == name {
			return runCommand(ctx, cmd, args[1:], stdin, stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "rostrum: there is no command %q; rostrum help lists them\n", name)
	return exitUsage
}

func runCommand(ctx context.Context, cmd *command, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &call{FlagSet: flag.NewFlagSet(cmd.name, flag.ContinueOnError), command: cmd, stdin: stdin, stdout: stdout, stderr: stderr}
	c.SetOutput(io.Discard)
	c.BoolVar(&c.json, "json", false, "print one JSON object on standard output")
	err := cmd.run(ctx, c, args)
	if err == nil {
		return exitYes
	}
	if errors.Is(err, flag.ErrHelp) {
		c.printHelp(stdout)
		return exitYes
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Fprintf(stderr, "rostrum %s: stopped\n", cmd.name)
		return exitEnvironment
	}
	code := exitEnvironment
	var e *exit
	if errors.As(err, &e) {
		code = e.code
		if e.err == nil {
			return code
		}
	}
	fmt.Fprintf(stderr, "rostrum %s: %v\n", cmd.name, err)
	if code == exitUsage {
		fmt.Fprintf(stderr, "usage: rostrum %s %s\n", cmd.name, cmd.synopsis)
	}
	return code
}

// parse reads the flags, which may stand before and after the other words, and gives the other words.
func (c *call) parse(args []string) ([]string, error) {
	var words []string
	for {
		if err := c.FlagSet.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usagef("%v", err)
		}
		rest := c.FlagSet.Args()
		if len(rest) == 0 {
			return words, nil
		}
		if n := len(args) - len(rest); n > 0 && args[n-1] == "--" {
			return append(words, rest...), nil
		}
		words, args = append(words, rest[0]), rest[1:]
	}
}

// printJSON prints the one object that --json promises.
func (c *call) printJSON(value any) error {
	enc := json.NewEncoder(c.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

func (c *call) printHelp(w io.Writer) {
	fmt.Fprintf(w, "usage: rostrum %s %s\n\n%s\n", c.command.name, c.command.synopsis, strings.TrimSpace(c.command.help))
	var flags bytes.Buffer
	c.VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&flags, "  --%s", f.Name)
		if name != "" {
			fmt.Fprintf(&flags, " %s", name)
		}
		fmt.Fprintf(&flags, "\n        %s", usage)
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(&flags, " (default %s)", f.DefValue)
		}
		fmt.Fprintln(&flags)
	})
	fmt.Fprintf(w, "\noptions:\n%s", flags.String())
}

func printCommands(w io.Writer) {
	fmt.Fprint(w, "Rostrum runs the dialogues of a treaty review, from the call to the follow-up of every point.\n\nusage: rostrum COMMAND …\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", cmd.name, cmd.summary)
	}
	fmt.Fprint(w, `
rostrum help COMMAND says more, with an example.
Exit codes: 0 yes, 1 no, 2 the words of the call are off, 3 what was given cannot be used, 4 the machine stands in the way.
`)
}
