"""What starts FindMe on one machine, and watches over it."""
