"""What the timing of attacks needs: made-up answers, a watch, another tool."""
