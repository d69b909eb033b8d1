"""``completion``: scripts that let a shell complete commands, options and names."""

from __future__ import annotations

from typing import Final

import click

from ._output import print_text

INSTRUCTIONS: Final = """\
\b
To load it in each new shell:
  bash  echo 'eval "$(twelvelabs-async completion bash)"' >> ~/.bashrc
  zsh   echo 'eval "$(twelvelabs-async completion zsh)"' >> ~/.zshrc
  fish  twelvelabs-async completion fish > ~/.config/fish/completions/twelvelabs-async.fish
"""


@click.command(epilog=INSTRUCTIONS)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    The shell then completes commands, options, and names of indexes and profiles.
    """
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    complete_class = get_completion_class(shell)
    assert complete_class is not None  # noqa: S101  # click has all three
    print_text(complete_class(root.command, {}, str(root.info_name), "_TWELVELABS_ASYNC_COMPLETE").source())
