"""`python -m sc_deploy.cli` is the `scdeploy` command."""

from sc_deploy.cli.main import main

main()
