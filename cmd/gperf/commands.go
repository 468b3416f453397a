package main

import (
	"slices"

	"github.com/spf13/cobra"
)

// constructors are gperf's commands.
func constructors() map[string]func(*app) *cobra.Command {
	return map[string]func(*app) *cobra.Command{
		"bench":         newBenchCommand,
		"buildid-cache": newBuildIDCacheCommand,
		"buildid-list":  newBuildIDListCommand,
		"check":         newCheckCommand,
		"data":          newDataCommand,
		"evlist":        newEvlistCommand,
		"list":          newListCommand,
		"pack":          newPackCommand,
		"probe":         newProbeCommand,
		"record":        newRecordCommand,
		"report":        newReportCommand,
		"script":        newScriptCommand,
		"stat":          newStatCommand,
	}
}

// commands makes the command that the first word names, alone; for help, completion and a word that names none, all of them.
// They have hundreds of flags, and to make these takes longer than a short command.
func (a *app) commands() (made []*cobra.Command, alone bool) {
	makers := constructors()
	if len(a.words) > 0 {
		if a.words[0] == "--version" {
			return nil, true
		}
		if one, ok := makers[a.words[0]]; ok {
			return []*cobra.Command{one(a)}, true
		}
	}
	for _, one := range makers {
		made = append(made, one(a)) // cobra sorts them
	}
	return made, false
}

// named tells whether the command line may name a subcommand: the others need no flags.
func (a *app) named(name string) bool { return slices.Contains(a.words, name) }
