package main

import (
	"context"
	"os"

	"rostrum.example/internal/app"
)

var demoCommand = &command{
	name:     "demo",
	synopsis: "[--listen ADDR] [--data DIR]",
	summary:  "a fresh instance with the published record of 2022 to 2025, to look around in",
	help: `
Starts a fresh instance that holds what is publicly known of the dialogues of 2022 to 2025, and prints links
to its first page, to a trace, and to sign in. Without --data it lives in a temporary folder and is gone when
the program ends; with --data DIR it stays there.

example:
  rostrum demo
`,
	run: func(ctx context.Context, c *call, args []string) error {
		listen := c.String("listen", "127.0.0.1:8053", "`ADDR` to listen on")
		data := c.String("data", "", "`DIR` to keep the instance in")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) > 0 {
			return usagef("unexpected %q", words[0])
		}
		dir := *data
		if dir == "" {
			if dir, err = os.MkdirTemp("", "rostrum-demo-"); err != nil {
				return environment(err)
			}
			defer os.RemoveAll(dir)
		}
		f := &instanceFlags{data: dir}
		o, err := f.options(c)
		if err != nil {
			return err
		}
		return c.serve(ctx, o, *listen, "", func(ctx context.Context, a *app.App) error { return a.Demo(ctx) })
	},
}
